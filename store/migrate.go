package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the tables up to date, each step in a transaction. It refuses a
// database that is newer than the program.
func (s *Store) migrate(ctx context.Context) error {
	p, err := s.migrations()
	if err != nil {
		return err
	}
	have, newest, err := versions(ctx, p)
	if err != nil {
		return err
	}
	if have > newest {
		return fmt.Errorf("the database is at version %d, this program knows only %d: use a newer holdfast", have, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the database up to date: %w", err)
	}
	return nil
}

func (s *Store) migrations() (*goose.Provider, error) {
	goosed := map[string]goose.Dialect{"sqlite": goose.DialectSQLite3, "postgres": goose.DialectPostgres}
	p, err := goose.NewProvider(goosed[s.d.name], s.write, steps{s.d.name})
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

func versions(ctx context.Context, p *goose.Provider) (have, newest int64, err error) {
	have, err = p.GetDBVersion(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("read the version of the database: %w", err)
	}
	sources := p.ListSources()
	return have, sources[len(sources)-1].Version, nil
}

// Version tells at which migration the database is, and the newest that the
// program knows.
func (s *Store) Version(ctx context.Context) (have, newest int64, err error) {
	p, err := s.migrations()
	if err != nil {
		return 0, 0, err
	}
	return versions(ctx, p)
}

// steps is the file system of migrations for one database: those for both and
// those of its own, as one folder.
type steps struct{ dialect string }

func (m steps) Open(name string) (fs.File, error) {
	for _, dir := range m.dirs() {
		if f, err := migrations.Open(path.Join(dir, name)); err == nil {
			return f, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (m steps) dirs() []string {
	return []string{"migrations/both", "migrations/" + m.dialect}
}

// ReadDir lists both folders, sorted by name.
func (m steps) ReadDir(string) ([]fs.DirEntry, error) {
	var all []fs.DirEntry
	for _, dir := range m.dirs() {
		list, err := migrations.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int {
		if a.Name() < b.Name() {
			return -1
		}
		return 1
	})
	return all, nil
}

// columnsOf lists the columns that a table has in this database; none when the
// table does not exist.
func (s *Store) columnsOf(ctx context.Context, table string) (map[string]bool, error) {
	text := "SELECT name FROM pragma_table_info(?)"
	if s.d.name == "postgres" {
		text = "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1"
	}
	rows, err := s.write.QueryContext(ctx, text, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	have := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		have[name] = true
	}
	return have, rows.Err()
}

var _ fs.ReadDirFS = steps{}
