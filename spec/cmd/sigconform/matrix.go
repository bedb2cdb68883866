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
	Reports []string `arg:"" optional:"" name:"report" help:"A report.json, or the folder that contains one."`
	SDKs    bool     `name:"sdks" help:"Test every SDK and third-party library that can run here, and set them side by side too."`

	Frameworks string `help:"A folder of reports for a table of their own: 'make frameworks' writes them." placeholder:"DIR"`
	Out        string `help:"Write index.html and matrix.json into this folder, and a folder for each validator." placeholder:"DIR"`
}

// Help is shown by 'sigconform matrix --help'.
func (matrixCmd) Help() string {
	return `Each report is one that 'sigconform run --report DIR' has written, here or elsewhere:

  sigconform run --name ours --report ours -- ./validator
  sigconform matrix --out matrix-report ours theirs/report.json

The folder of a validator contains its report, issues.md (its causes, and texts for an issue tracker) and badge.json,
an endpoint badge of shields.io: publish it and give its address there.`
}

// Run sets reports side by side. That a validator is not conformant is no
// error here; one that is there and could not be tested is.
func (c *matrixCmd) Run(ctx context.Context) error {
	if len(c.Reports) == 0 && !c.SDKs && c.Frameworks == "" {
		return usage(errors.New("nothing to compare: give the reports of some runs, as in\n    sigconform matrix ours/report.json " +
			"theirs/report.json\nor --sdks"))
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
	if c.Frameworks != "" {
		rows, err := frameworks(c.Frameworks)
		if err != nil {
			return usage(err)
		}
		reports = append(reports, rows...)
	}
	matrix := report.NewMatrix(reports, skipped, version(), time.Now())
	fmt.Fprint(stdout, matrix.Text())
	if c.Out != "" {
		if err := writeMatrix(c.Out, matrix, reports); err != nil {
			return usage(err)
		}
		fmt.Fprintf(stdout, "\nmatrix in %s\n", filepath.Join(c.Out, "index.html"))
	}
	if broken == nil && len(reports) == 0 {
		broken = errors.New("no validator could be tested")
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
		fmt.Fprintf(os.Stderr, "testing %s %s …\n", sdk.Name, sdk.Version)
		r, err := askSDK(ctx, sdk)
		if ctx.Err() != nil {
			return reports, skipped, errors.New("it was interrupted")
		}
		if err == nil {
			reports = append(reports, r)
			continue
		}
		reason := err.Error()
		if unavailable := (*adapters.Unavailable)(nil); errors.As(err, &unavailable) {
			reason = sdk.NotHere(reason, len(vectors.Builtin().Vectors()))
		} else {
			broken = errors.Join(broken, err)
		}
		skipped = append(skipped, report.Skipped{Validator: validatorOf(sdk), Reason: reason})
	}
	return reports, skipped, broken
}

// groupTitles head the tables of the matrix.
var groupTitles = map[adapters.Group]string{adapters.Official: "Official SDKs", adapters.ThirdParty: "Libraries of others"}

func validatorOf(sdk adapters.SDK) report.Validator {
	return report.Validator{Name: sdk.Name, Version: sdk.Version, Language: sdk.Language, Group: groupTitles[sdk.Group]}
}

// frameworks reads the reports in the folders of dir, by name.
func frameworks(dir string) ([]*report.Report, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "report.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there are no reports in %s; 'make frameworks' writes them", dir)
	}
	var reports []*report.Report
	for _, file := range files {
		r, err := report.Read(file)
		if err != nil {
			return nil, err
		}
		r.Validator.Group = "Frameworks"
		reports = append(reports, r)
	}
	return reports, nil
}

// matrixSeed draws the same requests for every SDK, and each time.
const matrixSeed = 1

// askSDK tests one SDK with all vectors, as 'sigconform run --sdk' does.
func askSDK(ctx context.Context, sdk adapters.SDK) (*report.Report, error) {
	all := vectors.Builtin().Vectors()
	judging := conformance.Judging{Seed: matrixSeed, Book: vectors.Rules()}
	if list := sdk.KnownFailures(); list != "" {
		known, err := conformance.ReadKnownFailures(list)
		if err != nil {
			return nil, err
		}
		judging.Known = known
	}
	run, err := openedSDK(sdk, 0).test(ctx, nil, all, judging, nil)
	if err != nil {
		return nil, err
	}
	return report.New(run, report.About{
		Version: version(), Date: time.Now(), Validator: validatorOf(sdk), Corpus: all, Judging: judging,
		Repeat:    func(id string) string { return "sigconform run --id " + id + " --sdk " + sdk.Name },
		RepeatAll: fmt.Sprintf("sigconform run --seed %d --sdk %s", matrixSeed, sdk.Name),
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
		if err := writeFiles(folder, map[string][]byte{"issues.md": []byte(reports[i].Issues())}); err != nil {
			return err
		}
	}
	return nil
}
