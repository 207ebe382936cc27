package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/isms"
)

// file holds the commands on files of records.
func (c *cmdline) file() *cobra.Command {
	return c.parent("file", "Files of records: put, list, get; give them a new key", "  holdfast file put asset web-1 plan.pdf\n  holdfast file get ID -o plan.pdf\n  holdfast file rotate",
		c.filePut(), c.fileList(), c.fileGet(), c.fileRotate(), c.fileSweep())
}

func (c *cmdline) filePut() *cobra.Command {
	own, format := false, "table"
	cmd := c.command("put KIND KEY FILE", "Put a file to a record", "holdfast file put asset web-1 plan.pdf", cobra.ExactArgs(3), func(ctx context.Context, cl *client.Client, args []string) error {
		k, err := isms.Registry.Find(args[0])
		if err != nil {
			return slip{err}
		}
		if own && k != isms.DocumentVersions {
			return slipf("--own makes a file the text of a document-version, not of %s", args[0])
		}
		in, err := os.Open(args[2])
		if err != nil {
			return err
		}
		defer in.Close() //nolint:errcheck // it was only read
		f, err := cl.PutFile(ctx, k.Plural, args[1], filepath.Base(args[2]), own, in)
		if err != nil {
			return err
		}
		return c.printFiles(format, f, []client.File{f})
	})
	cmd.Flags().BoolVar(&own, "own", false, "make it the text of the draft (of a document-version): an own Word or PDF document")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) printFiles(format string, v any, list []client.File) error {
	return c.print(format, v, func() error {
		t := table{head: []string{"ID", "NAME", "KIND", "BYTES", "SHA-256"}}
		for _, f := range list {
			t.add(f.ID, f.Name, f.Media, strconv.FormatInt(f.Size, 10), f.SHA256)
		}
		return t.write(c.Out)
	})
}

func (c *cmdline) fileList() *cobra.Command {
	format := "table"
	cmd := c.command("list KIND KEY", "The files of a record", "holdfast file list asset web-1", cobra.ExactArgs(2), func(ctx context.Context, cl *client.Client, args []string) error {
		k, err := isms.Registry.Find(args[0])
		if err != nil {
			return slip{err}
		}
		list, err := cl.Files(ctx, k.Plural, args[1])
		if err != nil {
			return err
		}
		return c.printFiles(format, list, list)
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) fileGet() *cobra.Command {
	out := ""
	cmd := c.command("get ID -o FILE", "Write a file to disk", "holdfast file get 01jd… -o plan.pdf", cobra.ExactArgs(1), func(ctx context.Context, cl *client.Client, args []string) error {
		if out == "" {
			return slipf("say where to with -o FILE")
		}
		err := writeWhole(out, func(w io.Writer) error { return cl.GetFile(ctx, args[0], w) })
		if err == nil {
			c.say("written to %s", out)
		}
		return err
	})
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write")
	return cmd
}

// fileRotate gives the files of an installation on this machine a new key.
func (c *cmdline) fileRotate() *cobra.Command {
	return &cobra.Command{Use: "rotate", Short: "Give all files a new key and forget the old one", Args: slips(cobra.NoArgs),
		Long:    "Make a new key, encrypt every file with it, and forget the old one. The server may run\nmeanwhile. What was cut off goes on when it is run again. Copy the key file afterwards.",
		Example: "  holdfast file rotate --data /srv/holdfast",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withLocal(cmd, func(_ context.Context, l *Local) error {
				n, err := l.RotateFiles(nil)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.Out, "%d files have a new key\n", n)
				return err
			})
		}}
}

// fileSweep removes files that no record names.
func (c *cmdline) fileSweep() *cobra.Command {
	return &cobra.Command{Use: "sweep", Short: "Remove files that belong to no record", Args: slips(cobra.NoArgs), Example: "  holdfast file sweep --data /srv/holdfast",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withLocal(cmd, func(ctx context.Context, l *Local) error {
				n, err := l.SweepFiles(ctx)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.Out, "%d files removed\n", n)
				return err
			})
		}}
}
