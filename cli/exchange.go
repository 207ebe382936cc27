package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
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
	var computed, prune bool
	cmd := &cobra.Command{
		Use: "export DIR | export --kind KIND -o csv", Short: "Write all records as YAML files, or one kind as a file", Args: slips(cobra.MaximumNArgs(1)),
		Long:    "Write the whole workspace into a directory, one YAML file for each record, the same bytes\nfor the same content: made for git. Or print the records of one kind.",
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
				return c.exportTree(ctx, cl, args[0], computed, prune)
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&kindName, "kind", "k", "", "only this kind, to standard output")
	formatFlag(cmd, &format, "json, yaml, csv, xlsx; for --kind")
	f.Lookup("output").DefValue = ""
	format = "yaml"
	f.BoolVar(&computed, "computed", false, "with figures that the product computes, for a restore")
	f.BoolVar(&prune, "prune", false, "remove files of records that are no more")
	return cmd
}

// exportTree fetches the archive whole before it writes the first file.
func (c *cmdline) exportTree(ctx context.Context, cl *client.Client, dir string, computed, prune bool) error {
	var archive bytes.Buffer
	if err := cl.Export(ctx, computed, &archive); err != nil {
		return err
	}
	files, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		return kind.Errorf(kind.Unavailable, "the server sent no archive: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir) // whatever the archive says, nothing is written outside
	if err != nil {
		return err
	}
	defer root.Close()
	written := map[string]bool{}
	for _, f := range files.File {
		if err := unpack(root, f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		written[f.Name] = true
	}
	c.say("%d records written to %s", len(written), dir)
	return c.leftOver(root, written, prune)
}

func unpack(root *os.Root, f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, port.MaxFile))
	if err != nil {
		return err
	}
	if old, err := root.ReadFile(f.Name); err == nil && bytes.Equal(old, data) {
		return nil // its time stays, for tools that look at it
	}
	if err := root.MkdirAll(path.Dir(f.Name), 0o700); err != nil {
		return err
	}
	return root.WriteFile(f.Name, data, 0o600)
}

// leftOver finds files of an earlier export whose records are no more: apply would
// bring them back.
func (c *cmdline) leftOver(root *os.Root, written map[string]bool, prune bool) error {
	var left []string
	for _, k := range isms.Kinds {
		files, err := fs.Glob(root.FS(), k.Plural+"/*.yaml")
		if err != nil {
			return err
		}
		for _, name := range files {
			if !written[name] {
				left = append(left, name)
			}
		}
	}
	if len(left) == 0 {
		return nil
	}
	if !prune {
		c.say("%d files belong to records that are no more, such as %s; --prune removes them", len(left), left[0])
		return nil
	}
	for _, name := range left {
		if err := root.Remove(name); err != nil {
			return err
		}
	}
	c.say("%d files removed", len(left))
	return nil
}

// An intake is what import and apply are asked to do.
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

func (c *cmdline) apply() *cobra.Command {
	in := intake{format: "table"}
	var paths []string
	cmd := &cobra.Command{
		Use: "apply -f FILE|DIR", Short: "Make the records as the YAML files say", Args: slips(cobra.NoArgs),
		Long:    "Make the records as YAML files say, all or none. What the files do not name stays as it is.\nApplying the same files again changes nothing.",
		Example: "  holdfast apply -f isms/ --dry-run\n  holdfast apply -f risk.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(paths) == 0 {
				return slipf("name a file or a directory with -f")
			}
			return c.takeFiles(cmd, paths, in)
		},
	}
	cmd.Flags().StringArrayVarP(&paths, "file", "f", nil, "file or directory; may be repeated")
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
		if d.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(name))) {
			return nil
		}
		data, err := readFile(name, port.MaxFile)
		if err != nil {
			return err
		}
		w, err := archive.Create(strings.TrimLeft(filepath.ToSlash(filepath.Clean(name)), "./"))
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
