package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/feed"
	"holdfast/port/stix"
)

// fetchRounds bounds the bundles that one command brings.
const fetchRounds = 50

// A fetching is one fetch of indicators with its flags.
type fetching struct {
	from    feed.Teller
	in      client.IndicatorIntake
	after   string
	file    bool
	private bool
	list    bool
	format  string
}

// fetchIndicators brings indicators of compromise from a TAXII server, or a file from an
// address, and takes them in. The server that holds the records is not asked to reach
// anything: this machine does.
func (c *cmdline) fetchIndicators() *cobra.Command {
	f := fetching{format: "table"}
	cmd := c.command("fetch URL", "Take in what a TAXII 2.1 server tells, or a file behind an address",
		"holdfast threat-indicator fetch https://taxii.example.org/taxii2/ --list\n"+
			"  holdfast threat-indicator fetch https://taxii.example.org/taxii2/ --collection ID --user ada\n"+
			"  holdfast threat-indicator fetch https://example.org/list.csv --file --source \"National CERT\" --dry-run", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			f.from.URL = args[0]
			return c.runFetch(ctx, cl, f)
		})
	cmd.Long = "Take in what a TAXII 2.1 server tells, or a file behind an address. The password stands in\nHOLDFAST_TAXII_PASSWORD, or a token in HOLDFAST_TAXII_TOKEN. To fetch again and again, write\nindicators.yaml into the data folder."
	s := cmd.Flags()
	s.StringVar(&f.from.Collection, "collection", "", "id, alias or title; not needed when only one can be read")
	s.StringVar(&f.from.User, "user", "", "user; the password stands in HOLDFAST_TAXII_PASSWORD")
	s.StringVar(&f.after, "added-after", "", "only what was added after this instant, such as 2027-01-31T00:00:00Z")
	s.BoolVar(&f.file, "file", false, "the address is that of a file: STIX, MISP or a table")
	s.BoolVar(&f.private, "private", false, "the server lies in our own network; http is allowed too")
	s.BoolVar(&f.list, "list", false, "list the collections and take nothing in")
	s.StringVar(&f.in.Source, "source", "", "who tells, where it is not said; the title of the collection when not given")
	s.StringVar(&f.in.Severity, "severity", "", "how bad a sighting is: low, medium, high, critical; medium when not given")
	s.IntVar(&f.in.ValidDays, "valid-days", 0, "how long they are looked for; what their author says, or by their type, when not given")
	s.BoolVar(&f.in.Context, "context", false, "take in also what MISP marks as context only, as less sure")
	s.BoolVar(&f.in.DryRun, "dry-run", false, "tell what would happen and keep nothing")
	formatFlag(cmd, &f.format, "table, json, yaml")
	return cmd
}

func (c *cmdline) runFetch(ctx context.Context, cl *client.Client, f fetching) error {
	u, err := url.Parse(f.from.URL)
	if err != nil || u.Host == "" {
		return slipf("%q is no address; write one such as https://taxii.example.org/taxii2/", f.from.URL)
	}
	if u.User != nil {
		return slipf("keep the password out of the address: give --user, and the password in HOLDFAST_TAXII_PASSWORD")
	}
	if f.from.User != "" {
		if f.from.Password = c.Env("HOLDFAST_TAXII_PASSWORD"); f.from.Password == "" {
			return slipf("--user wants the password in the environment variable HOLDFAST_TAXII_PASSWORD")
		}
	} else {
		f.from.Token = c.Env("HOLDFAST_TAXII_TOKEN")
	}
	var allowed []string
	if f.private {
		allowed = append(allowed, u.Host, u.Hostname())
	}
	f.from.Client = feed.NewClient(allowed...)
	if f.file {
		told, err := f.from.File(ctx)
		if err != nil {
			return err
		}
		f.in.Name = cmp.Or(u.Path, u.Host)
		return c.takeFetched(ctx, cl, f, told)
	}
	list, err := f.from.Collections(ctx)
	if err != nil {
		return err
	}
	if f.list {
		return c.listCollections(f.format, list)
	}
	chosen, err := f.from.Choose(list)
	if err != nil {
		return err
	}
	f.in.Name, f.in.Source = cmp.Or(chosen.Title, chosen.ID), cmp.Or(f.in.Source, chosen.Title)
	return c.fetchCollection(ctx, cl, f, chosen)
}

// fetchCollection takes in bundle after bundle, and says where to go on.
func (c *cmdline) fetchCollection(ctx context.Context, cl *client.Client, f fetching, chosen feed.Collection) error {
	after := f.after
	for range fetchRounds {
		told, err := f.from.Objects(ctx, chosen, after)
		if err != nil {
			return err
		}
		after = told.After
		if told.Bundle == nil {
			c.say("%s: nothing new", f.in.Name)
		} else if err := c.takeFetched(ctx, cl, f, told); err != nil {
			return err
		}
		if !told.More {
			break
		}
	}
	if after != "" {
		c.say("the next time: --added-after %s", after)
	}
	return nil
}

func (c *cmdline) takeFetched(ctx context.Context, cl *client.Client, f fetching, told feed.Told) error {
	if len(told.Bundle) > stix.MaxFile {
		return badInput{fmt.Errorf("%s: is larger than %d MiB", f.in.Name, stix.MaxFile>>20)}
	}
	out, err := cl.ImportIndicators(ctx, f.in, bytes.NewReader(told.Bundle))
	if err != nil {
		return err
	}
	return c.print(f.format, out, func() error { return c.tellIndicators(f.in.Name, out) })
}

func (c *cmdline) listCollections(format string, list []feed.Collection) error {
	return c.print(format, list, func() error {
		t := table{head: []string{"ID", "TITLE", "READ"}}
		for _, l := range list {
			can := "no"
			if l.CanRead {
				can = "yes"
			}
			t.add(l.ID, oneLine(l.Title), can)
		}
		return t.write(c.Out)
	})
}
