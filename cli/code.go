package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/isms"
	"holdfast/port"
)

// A codeOrder is what plan and apply are asked to do.
type codeOrder struct {
	paths    []string
	prune    bool
	force    []string
	reason   string
	format   string
	dryRun   bool
	out      string // file for the plan
	exitCode bool
}

func (o *codeOrder) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&o.paths, "file", "f", nil, "file or directory; may be repeated")
	f.BoolVar(&o.prune, "prune", false, "remove records whose files were removed; only those that an export had written")
	f.StringSliceVar(&o.force, "force", nil, "kinds of record for which the folder is right where the database changed too; or all")
	formatFlag(cmd, &o.format, "table, json, yaml")
}

func (o *codeOrder) options() url.Values {
	v := url.Values{"prune": {strconv.FormatBool(o.prune)}, "reason": {o.reason}, "name": {strings.Join(o.paths, ", ")}}
	for _, name := range o.force {
		v.Add("force", strings.ReplaceAll(strings.TrimSpace(name), "-", "_"))
	}
	return v
}

func (c *cmdline) plan() *cobra.Command {
	o := codeOrder{format: "table"}
	cmd := &cobra.Command{
		Use: "plan -f FILE|DIR", Aliases: []string{"plans"}, Short: "Tell what apply would do, for review", Args: slips(cobra.NoArgs),
		Long: `Tell what it takes to make the records as a folder says: record by record, field by
field, with the actions that lead to a state, conflicts with changes in the database, and
what you may not do. Nothing is written.

With --exit-code the exit status is 1 when there is something to do, and 0 when not; 2
means wrong input and 3 a failure, as everywhere. --out keeps the plan in a file, which
apply carries out exactly, or not at all when it is stale.

The records called plan, for recovery and communication, have their commands here too.`,
		Example: "  holdfast plan -f isms/\n  holdfast plan -f isms/ --prune --out change.plan\n  holdfast plan -f isms/ --exit-code -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(o.paths) == 0 {
				return slipf("name a file or a directory with -f")
			}
			return c.runPlan(cmd, o)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.out, "out", "", "write the plan to a file for apply")
	cmd.Flags().BoolVar(&o.exitCode, "exit-code", false, "exit status 1 when there is something to do")
	return cmd
}

func (c *cmdline) runPlan(cmd *cobra.Command, o codeOrder) error {
	_, media, data, err := gather(o.paths)
	if err != nil {
		return err
	}
	return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
		var p port.Plan
		if err := cl.Plan(ctx, media, bytes.NewReader(data), o.options(), &p); err != nil {
			return err
		}
		if o.out != "" {
			if err := savePlan(o, media, data, p); err != nil {
				return err
			}
		}
		if err := c.print(o.format, p, func() error { return c.showPlan(p) }); err != nil {
			return err
		}
		if o.exitCode && !p.Empty() {
			return &exit{status: Findings}
		}
		return nil
	})
}

func (c *cmdline) showPlan(p port.Plan) error {
	var b strings.Builder
	if err := p.Write(&b, isms.Registry); err != nil {
		return err
	}
	if _, err := io.WriteString(c.Out, printable(b.String())); err != nil {
		return err
	}
	if p.Empty() {
		c.say("nothing to do: the records are as the folder says")
		return nil
	}
	c.say("%s (nothing was written)", p.Sentence())
	return nil
}

func (c *cmdline) apply() *cobra.Command {
	o := codeOrder{format: "table"}
	cmd := &cobra.Command{
		Use: "apply -f FILE|DIR | apply PLANFILE", Short: "Make the records as the files say", Args: slips(cobra.MaximumNArgs(1)),
		Long: `Make the records as YAML and Markdown files say, in one transaction: all or none. What
an export wrote is described whole, so a line that is gone empties the field, and a link
that is gone ends; other files change only what they name. States are reached through
actions, with the permission that they need. Applying again changes nothing.

Records that were changed in the database and in the folder are conflicts: nothing is
written until you export and merge, or say with --force for which kinds of record the
folder is right. A plan that was saved by plan --out is carried out exactly, or refused
when it is stale.`,
		Example: "  holdfast apply -f isms/ --dry-run\n  holdfast apply -f risk.yaml -m \"reviewed in request 12\"\n  holdfast apply change.plan -m \"reviewed in request 12\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && len(o.paths) > 0:
				return slipf("name a plan or files with -f, not both")
			case len(args) == 1:
				return c.applyPlan(cmd, args[0], o)
			case len(o.paths) == 0:
				return slipf("name a file or a directory with -f, or a plan")
			case o.dryRun:
				return c.runPlan(cmd, o)
			}
			return c.runApply(cmd, o)
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "tell what would happen and change nothing, like plan")
	cmd.Flags().StringVarP(&o.reason, "reason", "m", "", "why; kept in the history")
	return cmd
}

func (c *cmdline) runApply(cmd *cobra.Command, o codeOrder) error {
	_, media, data, err := gather(o.paths)
	if err != nil {
		return err
	}
	return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
		var p port.Plan
		if err := cl.Apply(ctx, media, bytes.NewReader(data), o.options(), &p); err != nil {
			return err
		}
		if err := c.print(o.format, p, func() error { return c.showApplied(p) }); err != nil {
			return err
		}
		return c.follow(ctx, cl, o.paths, p)
	})
}

// done are the words for what was done.
var done = map[string]string{port.Create: "created", port.Alter: "changed", port.Restore: "restored", port.Remove: "removed"}

func (c *cmdline) showApplied(p port.Plan) error {
	for _, ch := range p.Changes {
		if _, err := fmt.Fprintf(c.Out, "%s/%s %s\n", dashed(ch.Kind), printable(ch.Key), done[ch.What]); err != nil {
			return err
		}
	}
	for _, n := range p.Newer {
		c.say("%s/%s left as it is: %s", dashed(n.Kind), n.Key, n.Why)
	}
	if len(p.Dropped) > 0 {
		c.say("%d records are no longer in the folder, such as %s/%s; --prune removes them", len(p.Dropped), dashed(p.Dropped[0].Kind), p.Dropped[0].Key)
	}
	c.say("%s", p.Sentence())
	return nil
}

// follow brings exported folders in step with what was just done, so that the next
// plan starts from there: their lock, and what the product filled in.
func (c *cmdline) follow(ctx context.Context, cl *client.Client, paths []string, p port.Plan) error {
	touched := map[string]bool{}
	for _, ch := range p.Changes {
		touched[ch.Kind+"/"+ch.Key] = true
	}
	for _, dir := range paths {
		if _, err := os.Stat(path.Join(dir, port.LockFile)); err != nil || len(touched) == 0 {
			continue // not an exported folder
		}
		u, err := c.update(ctx, cl, dir, false, port.UpdateOptions{Overwrite: true, Only: func(kindName, key string) bool { return touched[kindName+"/"+key] }})
		if err != nil {
			return fmt.Errorf("everything was applied, but %s could not be brought in step; run holdfast export %s: %w", dir, dir, err)
		}
		delete(u.Write, port.LockFile)
		if n := len(u.Write); n > 0 {
			c.say("%d files in %s were completed with what the product filled in", n, dir)
		}
	}
	return nil
}

// exportTree writes the workspace into a directory.
func (c *cmdline) exportTree(ctx context.Context, cl *client.Client, dir string, computed, overwrite bool) error {
	u, err := c.update(ctx, cl, dir, computed, port.UpdateOptions{Overwrite: overwrite})
	if err != nil {
		return err
	}
	c.say("%d records in %s: %d files written, %d removed", u.Records, dir, len(u.Write), len(u.Remove))
	for _, n := range u.Kept {
		c.say("%s/%s stays as it is: it %s", dashed(n.Kind), n.Key, n.Why)
	}
	if len(u.Kept) > 0 {
		c.say("holdfast plan -f %s shows what is not applied; --overwrite takes the database's word instead", dir)
	}
	return nil
}

// update fetches the archive whole before it writes the first file.
func (c *cmdline) update(ctx context.Context, cl *client.Client, dir string, computed bool, opts port.UpdateOptions) (*port.Updated, error) {
	spool, err := os.CreateTemp("", "holdfast-export-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = errors.Join(spool.Close(), os.Remove(spool.Name())) }() // it was only read
	if err := cl.Export(ctx, computed, spool); err != nil {
		return nil, err
	}
	size, err := spool.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	fresh, err := port.OpenArchive("the export", spool, size)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir) // whatever the archive says, nothing is written outside
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if empty(root) {
		return unpackAll(root, fresh)
	}
	u, err := port.Update(isms.Registry, root.FS(), fresh, opts)
	if err != nil {
		return nil, err
	}
	return u, write(root, u)
}

// empty tells whether there is nothing in the folder that an export would keep.
func empty(root *os.Root) bool {
	found := false
	_ = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error { // what cannot be read is no reason
		if err == nil && !d.IsDir() && port.IsOurs(name) {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return !found
}

// unpackAll writes a first export, file by file.
func unpackAll(root *os.Root, files *zip.Reader) (*port.Updated, error) {
	u := &port.Updated{Write: map[string][]byte{}}
	for _, f := range files.File {
		in, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(io.LimitReader(in, port.MaxFile))
		if err := errors.Join(err, in.Close(), writeFile(root, f.Name, data)); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		u.Write[f.Name] = nil
		if f.Name == port.LockFile {
			u.Records = port.CountLock(data)
		}
	}
	return u, nil
}

func write(root *os.Root, u *port.Updated) error {
	for name, data := range u.Write {
		if err := writeFile(root, name, data); err != nil {
			return err
		}
	}
	for _, name := range u.Remove {
		if err := root.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(root *os.Root, name string, data []byte) error {
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	return root.WriteFile(name, data, 0o600)
}

// planFile is where a saved plan stands in its archive, hidden from readers of folders.
const planFile = ".holdfast/plan.json"

// savePlan writes an archive of the folder together with the plan that was made of it.
func savePlan(o codeOrder, media string, data []byte, p port.Plan) error {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	if media == mediaTypes[".zip"] {
		old, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return err
		}
		for _, f := range old.File {
			if err := archive.Copy(f); err != nil {
				return err
			}
		}
	} else if err := addFile(archive, packedName(o.paths[0]), data); err != nil {
		return err
	}
	plan, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(addFile(archive, planFile, plan), archive.Close()); err != nil {
		return err
	}
	return os.WriteFile(o.out, b.Bytes(), 0o600)
}

func addFile(archive *zip.Writer, name string, data []byte) error {
	w, err := archive.Create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// applyPlan carries out a saved plan, exactly.
func (c *cmdline) applyPlan(cmd *cobra.Command, name string, o codeOrder) error {
	if o.prune || o.force != nil || o.dryRun {
		return slipf("a plan says itself what it prunes and forces; make another with holdfast plan --out")
	}
	data, err := readFile(name, port.MaxFile)
	if err != nil {
		return err
	}
	archive, err := port.Unzip(name, data)
	if err != nil {
		return err
	}
	raw, err := fs.ReadFile(archive, planFile)
	var p port.Plan
	if err != nil || json.Unmarshal(raw, &p) != nil || p.Fingerprint == "" {
		return badInput{fmt.Errorf("%s: holds no plan; make one with holdfast plan -f DIR --out %s", name, name)}
	}
	o.prune, o.force, o.paths = p.Prune, p.Force, []string{name}
	options := o.options()
	options.Set("only", p.Fingerprint)
	return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
		var res port.Plan
		if err := cl.Apply(ctx, mediaTypes[".zip"], bytes.NewReader(data), options, &res); err != nil {
			return err
		}
		if err := c.print(o.format, res, func() error { return c.showApplied(res) }); err != nil {
			return err
		}
		if len(res.Changes) > 0 {
			c.say("export again to bring the folder in step")
		}
		return nil
	})
}
