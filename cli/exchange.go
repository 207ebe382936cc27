package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/store"
)

func (c *cmdline) export() *cobra.Command {
	var kindName, format string
	var computed, overwrite bool
	cmd := &cobra.Command{
		Use: "export DIR | export --kind KIND -o csv", Short: "Write all records as YAML files, or one kind as a file", Args: slips(cobra.MaximumNArgs(1)),
		Long: `Write the ISMS into a directory as YAML and Markdown, the same bytes for the same content:
made for git. Over an earlier export only what differs is written: comments, order and
spacing stay, and what was edited and is not applied stays too. What engines find and
what only grows is left out; holdfast backs that up, it does not belong into reviews.
Or print the records of one kind.`,
		Example: "  holdfast export isms/\n  holdfast export --kind asset -o csv > assets.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case kindName == "" && len(args) == 0:
				return slipf("name a directory, or a kind with --kind")
			case kindName != "" && len(args) > 0:
				return slipf("name a directory or a kind, not both")
			case kindName != "":
				k, err := isms.Registry.Find(strings.ReplaceAll(kindName, "-", "_"))
				if err != nil {
					if k, err = isms.Registry.Find(kindName); err != nil {
						return slip{err}
					}
				}
				return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
					return c.show(ctx, cl, k, kind.Query{Sort: "key"}, format)
				})
			}
			return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
				return c.exportTree(ctx, cl, args[0], computed, overwrite)
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&kindName, "kind", "k", "", "only this kind, to standard output")
	formatFlag(cmd, &format, "json, yaml, csv, xlsx; for --kind")
	f.Lookup("output").DefValue = ""
	format = "yaml"
	f.BoolVar(&computed, "computed", false, "with everything, with figures that the product computes, for a restore")
	f.BoolVar(&overwrite, "overwrite", false, "take the database's word also where files were edited")
	return cmd
}

// An intake is what import is asked to do.
type intake struct {
	kind   string
	dryRun bool
	reason string
	format string
}

func (in *intake) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&in.dryRun, "dry-run", false, "tell what would happen and change nothing")
	f.StringVar(&in.reason, "reason", "", "why; kept in the history")
	formatFlag(cmd, &in.format, "table, json, yaml")
}

func (c *cmdline) importFile() *cobra.Command {
	in := intake{format: "table"}
	cmd := &cobra.Command{
		Use: "import FILE --kind KIND", Short: "Take in records from CSV, XLSX, JSON or YAML", Args: slips(cobra.ExactArgs(1)),
		Long: "Take in the records of a file, all or none. A record with the same key is changed; without\na key, one is made of the title. References are keys. A second import changes nothing.",
		Example: `  holdfast import assets.csv --kind asset --dry-run
  holdfast import people.xlsx --kind person --reason "from the directory"`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.takeFiles(cmd, args, in) },
	}
	cmd.Flags().StringVarP(&in.kind, "kind", "k", "", "kind of the records; needed for CSV and XLSX")
	in.flags(cmd)
	return cmd
}

// mediaTypes are the content types of files by their endings.
var mediaTypes = map[string]string{
	".csv": "text/csv", ".json": "application/json", ".yaml": "application/yaml", ".yml": "application/yaml", ".zip": "application/zip",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

func (c *cmdline) takeFiles(cmd *cobra.Command, paths []string, in intake) error {
	name, media, data, err := gather(paths)
	if err != nil {
		return err
	}
	options := url.Values{"name": {name}}
	for key, value := range map[string]string{"kind": strings.ReplaceAll(in.kind, "-", "_"), "reason": in.reason} {
		if value != "" {
			options.Set(key, value)
		}
	}
	if in.dryRun {
		options.Set("dry_run", "true")
	}
	if in.kind == "" && (media == mediaTypes[".csv"] || media == mediaTypes[".xlsx"]) {
		return slipf("say of which kind the records are: --kind KIND")
	}
	return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
		var res port.Result
		if err := cl.Import(ctx, media, bytes.NewReader(data), options, &res); err != nil {
			return err
		}
		return c.print(in.format, res, func() error { return c.taken(res, in.dryRun) })
	})
}

func (c *cmdline) taken(res port.Result, dryRun bool) error {
	for _, d := range res.Records {
		if d.What == "unchanged" {
			continue
		}
		if _, err := fmt.Fprintf(c.Out, "%s/%s %s\n", dashed(d.Kind), d.Key, d.What); err != nil {
			return err
		}
	}
	trial := ""
	if dryRun {
		trial = " (nothing was kept)"
	}
	c.say("%d created, %d changed, %d unchanged%s", res.Created, res.Changed, res.Unchanged, trial)
	return nil
}

// gather reads one file as it is, and several, or a directory, as an archive, so
// that all of them are taken in together.
func gather(paths []string) (name, media string, data []byte, err error) {
	if len(paths) == 1 {
		info, err := os.Stat(paths[0])
		if err != nil {
			return "", "", nil, err
		}
		if !info.IsDir() {
			media := mediaTypes[strings.ToLower(filepath.Ext(paths[0]))]
			if media == "" {
				return "", "", nil, slipf("%s: the ending says nothing; name it .yaml, .json, .csv, .xlsx or .zip", paths[0])
			}
			data, err := readFile(paths[0], port.MaxFile)
			return paths[0], media, data, err
		}
	}
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	n := 0
	for _, p := range paths {
		more, err := pack(archive, p)
		if err != nil {
			return "", "", nil, err
		}
		n += more
	}
	if n == 0 {
		return "", "", nil, slipf("%s: holds no .yaml or .json files", strings.Join(paths, ", "))
	}
	err = archive.Close()
	return strings.Join(paths, ", "), mediaTypes[".zip"], b.Bytes(), err
}

// pack adds the documents of a file or a directory to the archive.
func pack(archive *zip.Writer, root string) (int, error) {
	n := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name != root && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if name != root && d.Type()&fs.ModeSymlink != 0 {
			return badInput{fmt.Errorf("%s: is a symbolic link, which could lead out of the folder; put the file itself there", name)}
		}
		if d.IsDir() || !port.IsOurs(filepath.ToSlash(name)) {
			return nil
		}
		data, err := readFile(name, port.MaxFile)
		if err != nil {
			return err
		}
		w, err := archive.Create(packedName(name))
		if err != nil {
			return err
		}
		n++
		_, err = w.Write(data)
		return err
	})
	var path *fs.PathError
	if errors.As(err, &path) {
		return n, path
	}
	return n, err
}

// packedName is the path of a file in an archive: as it was written, without what
// leads upwards or hides.
func packedName(name string) string {
	var parts []string
	for _, part := range strings.Split(filepath.ToSlash(filepath.Clean(name)), "/") {
		if part = strings.TrimLeft(part, "."); part != "" {
			parts = append(parts, strings.ReplaceAll(part, ":", "_"))
		}
	}
	return strings.Join(parts, "/")
}

// search finds records of every kind.
func (c *cmdline) search() *cobra.Command {
	limit, format := 20, "table"
	cmd := c.command("search WORDS…", "Find records of every kind", "holdfast search payroll backup", cobra.MinimumNArgs(1), func(ctx context.Context, cl *client.Client, args []string) error {
		var hits client.List[store.Hit]
		if err := cl.Search(ctx, strings.Join(args, " "), limit, &hits); err != nil {
			return err
		}
		return c.print(format, hits.Data, func() error {
			if len(hits.Data) == 0 {
				c.say("nothing found")
				return nil
			}
			t := table{head: []string{"KIND", "KEY", "TITLE"}}
			for _, h := range hits.Data {
				t.add(dashed(h.Kind), h.Key, h.Title)
			}
			return t.write(c.Out)
		})
	})
	cmd.Flags().IntVar(&limit, "limit", limit, "how many at most, up to 100")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}
