package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/access"
	"holdfast/api/client"
	"holdfast/isms"
)

// A connection says where the records are: flags before environment.
type connection struct {
	data, database, server, token, workspace, templates string
}

func (at *connection) flags(root *cobra.Command, env func(string) string) {
	f := root.PersistentFlags()
	f.StringVar(&at.data, "data", env("HOLDFAST_DATA"), "data folder on this machine (HOLDFAST_DATA)")
	f.StringVar(&at.database, "database", env("HOLDFAST_DATABASE"), "postgres:// URL, where the records are not in the data folder (HOLDFAST_DATABASE)")
	f.StringVar(&at.server, "server", env("HOLDFAST_SERVER"), "address of a server (HOLDFAST_SERVER)")
	f.StringVar(&at.token, "token", "", "token for the server; better in HOLDFAST_TOKEN, where other users do not see it")
	f.StringVar(&at.workspace, "workspace", env("HOLDFAST_WORKSPACE"), "short name of the workspace, where a data folder holds several (HOLDFAST_WORKSPACE)")
	f.StringVar(&at.templates, "templates", env("HOLDFAST_TEMPLATES"), "folder of own templates of reports and of brand.yaml; without it \"templates\" in the data folder (HOLDFAST_TEMPLATES)")
	for _, name := range []string{"data", "database", "server", "workspace", "templates"} {
		f.Lookup(name).DefValue = "" // help does not show the environment of whoever asks
	}
}

// databaseFile is the database in a data folder.
const databaseFile = "holdfast.db"

// usualData is the data folder when nobody names one.
func usualData(env func(string) string) string {
	if base := env("XDG_DATA_HOME"); base != "" {
		return filepath.Join(base, "holdfast")
	}
	return filepath.Join(env("HOME"), ".local", "share", "holdfast")
}

// choose settles between a folder and a server when both are named: a flag is
// stronger than the environment.
func (c *cmdline) choose(cmd *cobra.Command) error {
	data, server := cmd.Flags().Changed("data") || cmd.Flags().Changed("database"), cmd.Flags().Changed("server")
	switch {
	case data && server:
		return slipf("name a data folder or a server, not both")
	case data:
		c.at.server = ""
	case server:
		c.at.data, c.at.database = "", ""
	case c.at.server != "" && (c.at.data != "" || c.at.database != ""):
		return slipf("both HOLDFAST_DATA and HOLDFAST_SERVER are set; say which with --data or --server")
	}
	return nil
}

// named tells whether a folder or a server was named.
func (c *cmdline) named(cmd *cobra.Command) (bool, error) {
	if err := c.choose(cmd); err != nil {
		return false, err
	}
	return c.at.server != "" || c.at.data != "" || c.at.database != "", nil
}

// withClient calls do with a client of the server or of the data folder.
func (c *cmdline) withClient(cmd *cobra.Command, do func(ctx context.Context, cl *client.Client) error) error {
	named, err := c.named(cmd)
	if err != nil {
		return err
	}
	if c.at.server != "" {
		token := c.at.token
		if token == "" {
			token = c.Env("HOLDFAST_TOKEN")
		}
		if token == "" {
			return slipf("%s asks for a token: make one under your account and put it into HOLDFAST_TOKEN", c.at.server)
		}
		cl, err := client.New(c.at.server, token)
		if err != nil {
			return err
		}
		return do(cmd.Context(), cl)
	}
	if !named {
		c.at.data = usualData(c.Env)
		if !exists(filepath.Join(c.at.data, databaseFile)) {
			return slipf("say where the records are: --data DIR for a folder on this machine, or --server URL with a token in HOLDFAST_TOKEN")
		}
	}
	return c.withLocal(cmd, func(ctx context.Context, l *Local) error {
		actor, err := c.operator(ctx, l)
		if err != nil {
			return err
		}
		return do(ctx, client.Local(l.API(actor)))
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// withLocal opens the installation, which must be there: a misspelt name must not
// make a new one.
func (c *cmdline) withLocal(cmd *cobra.Command, do func(ctx context.Context, l *Local) error) error {
	if c.at.data == "" {
		return slipf("name the data folder with --data DIR or in HOLDFAST_DATA")
	}
	if c.at.database == "" && !exists(filepath.Join(c.at.data, databaseFile)) {
		return slipf("there is no installation in %s; start one with: holdfast serve --data %s", c.at.data, c.at.data)
	}
	l, err := c.Open(cmd.Context(), Where{Data: c.at.data, Database: c.at.database, Templates: c.at.templates})
	if err != nil {
		return fmt.Errorf("open the installation in %s: %w", c.at.data, err)
	}
	return errors.Join(do(cmd.Context(), l), l.Close())
}

// operator is who acts on a data folder: whoever can read the files could do so
// anyway, and the journal tells their name.
func (c *cmdline) operator(ctx context.Context, l *Local) (access.Actor, error) {
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return access.Actor{}, err
	}
	w, err := c.pick(spaces)
	if err != nil {
		return access.Actor{}, err
	}
	return access.Actor{Name: c.User + " (local)", Workspace: w.ID, Roles: []access.Role{access.Administrator}, Via: "cli"}, nil
}

func (c *cmdline) pick(spaces []*isms.Workspace) (*isms.Workspace, error) {
	if len(spaces) == 0 {
		return nil, slipf("%s holds no organisation yet; start holdfast serve --data %s and open the link that it prints", c.at.data, c.at.data)
	}
	if c.at.workspace == "" && len(spaces) == 1 {
		return spaces[0], nil
	}
	var names []string
	for _, w := range spaces {
		if w.Slug == c.at.workspace {
			return w, nil
		}
		names = append(names, w.Slug)
	}
	if c.at.workspace == "" {
		return nil, slipf("there are several workspaces; say which: --workspace %s", strings.Join(names, " | "))
	}
	return nil, slipf("there is no workspace %q; there are: %s", c.at.workspace, strings.Join(names, ", "))
}
