package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sigconform/adapters"
)

type adaptersCmd struct {
	Install string `help:"Install the SDK of that name, unless it is, instead. Status 3 if it cannot be had here." placeholder:"NAME"`
}

// Help is shown by 'sigconform adapters --help'.
func (adaptersCmd) Help() string {
	return `An SDK that is "not installed yet" is installed the first time that it is tested:

  sigconform run --sdk twilio-node

A new one is a new folder under adapters/sdk; the README there says how.`
}

// Run prints a line for each SDK, or installs one.
func (c *adaptersCmd) Run(ctx context.Context) error {
	if c.Install != "" {
		sdk, err := adapters.FindSDK(".", c.Install)
		if err != nil {
			return usage(err)
		}
		if err := install(ctx, sdk); err != nil {
			return notRun(err)
		}
		return nil
	}
	sdks, err := adapters.SDKs(".")
	if err != nil {
		return usage(err)
	}
	if len(sdks) == 0 {
		return usage(adapters.ErrNoSDKs)
	}
	return printAdapters(stdout, sdks)
}

func printAdapters(out io.Writer, sdks []adapters.SDK) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, sdk := range sdks {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", sdk.Name, sdk.Language, sdk.Version, here(sdk))
	}
	return table.Flush()
}

// here says whether an SDK can run on this machine. Whether its registry can be
// reached shows only when it is installed.
func here(sdk adapters.SDK) string {
	if sdk.Fault != nil {
		return "cannot run: " + sdk.Fault.Error()
	}
	words := "not installed yet"
	if missing := sdk.Missing(); len(missing) > 0 {
		words = "cannot run here: needs " + strings.Join(missing, " and ")
	} else if sdk.Installed() {
		words = "installed"
	}
	if sdk.KnownFailures() == "" {
		words += "; never measured: it has no list of known failures"
	}
	return words
}
