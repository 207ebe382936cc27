package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/engine/quantify"
)

// why prints what the figures of a risk follow from.
func (c *cmdline) why() *cobra.Command {
	format := "table"
	cmd := c.command("why KEY", "What its figures follow from", "holdfast risk why ransomware", cobra.ExactArgs(1), func(ctx context.Context, cl *client.Client, args []string) error {
		w, err := cl.Why(ctx, args[0])
		if err != nil {
			return err
		}
		return c.print(format, w, func() error { return c.explain(w) })
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) explain(w client.Why) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Expected loss of a year  %s now, %s with no safeguard, %s when all that is planned works\n",
		quantify.Figure(w.Now), quantify.Figure(w.Inherent), quantify.Figure(w.Target))
	if w.P95 > 0 {
		fmt.Fprintf(&b, "One year in twenty       costs more than %s\n", quantify.Figure(w.P95))
	}
	if w.Rating != nil {
		fmt.Fprintf(&b, "Rated                    %s\n", w.Rating.Level)
	}
	for _, part := range []struct {
		title string
		list  []client.Named
	}{{"Findings", w.Findings}, {"Safeguards that work", w.Operating}, {"Safeguards on the way", w.Planned}} {
		if len(part.list) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n", part.title)
		for _, n := range part.list {
			fmt.Fprintf(&b, "  %s  %s\n", n.Key, oneLine(n.Title))
		}
	}
	b.WriteByte('\n')
	if w.Explanation == nil {
		b.WriteString("It has no figures yet: give it events per year, and an exposure factor or losses.\n")
	} else {
		tree(&b, *w.Explanation, "", "")
	}
	_, err := io.WriteString(c.Out, printable(b.String()))
	return err
}

// tree prints a figure with its formula and its inputs below.
func tree(b *strings.Builder, e quantify.Explanation, first, rest string) {
	fmt.Fprintf(b, "%s%s = %s %s", first, e.Name, quantify.Figure(e.Value), e.Unit)
	if e.Formula != "" {
		fmt.Fprintf(b, "   [%s]", e.Formula)
	}
	b.WriteByte('\n')
	bar := rest
	if len(e.Inputs) > 0 {
		bar += "│ "
	}
	for _, note := range []string{e.Range, sourceText(e.Source)} {
		if note != "" {
			fmt.Fprintf(b, "%s  %s\n", bar, note)
		}
	}
	for i, in := range e.Inputs {
		if i == len(e.Inputs)-1 {
			tree(b, in, rest+"└─ ", rest+"   ")
			continue
		}
		tree(b, in, rest+"├─ ", rest+"│  ")
	}
}

func sourceText(s quantify.Source) string {
	parts := []string{string(s.Kind), s.By}
	if !s.When.IsZero() {
		parts = append(parts, s.When.UTC().Format("2006-01-02"))
	}
	parts = append(parts, s.Note)
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

// whatIf prints what safeguards would be worth.
func (c *cmdline) whatIf() *cobra.Command {
	format := "table"
	cmd := c.command("what-if KEY SAFEGUARD…", "What safeguards would be worth; nothing is written", "holdfast risk what-if ransomware offline-backups", cobra.MinimumNArgs(2),
		func(ctx context.Context, cl *client.Client, args []string) error {
			w, err := cl.WhatIf(ctx, args[0], args[1:])
			if err != nil {
				return err
			}
			return c.print(format, w, func() error {
				t := table{head: []string{"", "MEAN", "P95"}}
				t.add("before", quantify.Figure(w.Before.Mean), quantify.Figure(w.Before.P95))
				t.add("after", quantify.Figure(w.After.Mean), quantify.Figure(w.After.P95))
				if err := t.write(c.Out); err != nil {
					return err
				}
				words := "does not pay, or chance decides"
				if w.Pays {
					words = "pays"
				}
				_, err := fmt.Fprintf(c.Out, "\nAvoids %s a year for %s: %s (return %s)\n", quantify.Figure(w.Reduction), quantify.Figure(w.AnnualCost), words, quantify.Figure(w.RoSI))
				return err
			})
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// writeWhole writes a file that is there whole or not at all.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".holdfast-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
