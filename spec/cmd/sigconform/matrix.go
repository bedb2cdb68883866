package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sigconform/adapters"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

type matrixCmd struct {
	Reports []string `arg:"" optional:"" name:"report" help:"A report.json, or the folder that holds one."`
	SDKs    bool     `name:"sdks" help:"Ask every official SDK under adapters/sdk that can run here, and set them side by side too."`
	Out     string   `help:"Write index.html and matrix.json into this folder, and a folder for each validator with its report and badge.json." placeholder:"DIR"`
}

// Help is shown by 'sigconform matrix --help'.
func (matrixCmd) Help() string {
	return `Each report is one that 'sigconform run --report DIR' has written, here or elsewhere:

  sigconform run --name ours --report ours -- ./validator
  sigconform matrix --out matrix-report ours theirs/report.json

badge.json is an endpoint badge of shields.io: publish it and give its address there.`
}

// Run sets reports side by side. That a validator is not conformant is no
// error here; one that could not be asked for another reason than its absence is.
func (c *matrixCmd) Run(ctx context.Context) error {
	if len(c.Reports) == 0 && !c.SDKs {
		return usage(errors.New("nothing to compare: give the reports of some runs, as in\n    sigconform matrix ours/report.json theirs/report.json\nor --sdks"))
	}
	var reports []*report.Report
	for _, path := range c.Reports {
		r, err := report.Read(path)
		if err != nil {
			return usage(err)
		}
		reports = append(reports, r)
	}
	var skipped []report.Skipped
	var broken error
	if c.SDKs {
		asked, not, err := askSDKs(ctx)
		if err != nil && len(asked)+len(not) == 0 {
			return usage(err)
		}
		broken = err
		reports, skipped = append(reports, asked...), append(skipped, not...)
	}
	matrix := report.NewMatrix(reports, skipped, version(), time.Now())
	fmt.Print(matrix.Text())
	if c.Out != "" {
		if err := writeMatrix(c.Out, matrix, reports); err != nil {
			return usage(err)
		}
		fmt.Printf("\nmatrix in %s\n", filepath.Join(c.Out, "index.html"))
	}
	if broken == nil && len(reports) == 0 {
		broken = errors.New("no validator could be asked")
	}
	if broken != nil {
		return notRun(broken)
	}
	return nil
}

// askSDKs asks every SDK that can run here. An SDK that cannot is skipped; the
// error is of one that could, and did not.
func askSDKs(ctx context.Context) (reports []*report.Report, skipped []report.Skipped, broken error) {
	sdks, err := adapters.SDKs(".")
	if err == nil && len(sdks) == 0 {
		err = adapters.ErrNoSDKs
	}
	if err != nil {
		return nil, nil, err
	}
	for _, sdk := range sdks {
		fmt.Fprintf(os.Stderr, "asking %s %s …\n", sdk.Name, sdk.Version)
		r, err := askSDK(ctx, sdk)
		if ctx.Err() != nil {
			return reports, skipped, errors.New("it was interrupted")
		}
		if err == nil {
			reports = append(reports, r)
			continue
		}
		skipped = append(skipped, report.Skipped{Validator: validatorOf(sdk), Reason: err.Error()})
		if unavailable := (*adapters.Unavailable)(nil); !errors.As(err, &unavailable) {
			broken = errors.Join(broken, err)
		}
	}
	return reports, skipped, broken
}

func validatorOf(sdk adapters.SDK) report.Validator {
	return report.Validator{Name: sdk.Name, Version: sdk.Version, Language: sdk.Language}
}

// askSDK asks one SDK everything, as 'sigconform run --sdk' does.
func askSDK(ctx context.Context, sdk adapters.SDK) (*report.Report, error) {
	installing := func() { fmt.Fprintf(os.Stderr, "installing %s %s …\n", sdk.Package, sdk.Version) }
	if err := sdk.EnsureInstalled(ctx, installing); err != nil {
		return nil, err
	}
	all := vectors.Builtin().Vectors()
	judging := conformance.Judging{Book: vectors.Rules()}
	if list := sdk.KnownFailures(); list != "" {
		known, err := conformance.ReadKnownFailures(list)
		if err != nil {
			return nil, err
		}
		judging.Known = known
	}
	validator, err := adapters.Open(adapters.Target{Command: sdk.Run, Dir: sdk.Dir})
	if err != nil {
		return nil, err
	}
	run := conformance.Ask(ctx, validator, all, judging, nil)
	run.Warnings = append(run.Warnings, validator.Close()...)
	return report.New(run, report.About{
		Version: version(), Date: time.Now(), Validator: validatorOf(sdk), Corpus: all, Judging: judging,
		Repeat: func(id string) string { return "sigconform run --id " + id + " --sdk " + sdk.Name },
	}), nil
}

// writeMatrix writes the page, and the report of each validator beside it.
func writeMatrix(dir string, matrix *report.Matrix, reports []*report.Report) error {
	page, err := matrix.HTML()
	if err != nil {
		return err
	}
	data, err := matrix.JSON()
	if err != nil {
		return err
	}
	if err := writeFiles(dir, map[string][]byte{"index.html": page, "matrix.json": data}); err != nil {
		return err
	}
	for i, column := range matrix.Validators {
		folder := filepath.Join(dir, column.Key)
		badge, err := reports[i].Badge()
		if err != nil {
			return err
		}
		data, err := reports[i].JSON()
		if err != nil {
			return err
		}
		if err := writeFiles(folder, map[string][]byte{"badge.json": badge, "report.json": data}); err != nil {
			return err
		}
		if err := writePages(folder, reports[i]); err != nil {
			return err
		}
	}
	return nil
}
