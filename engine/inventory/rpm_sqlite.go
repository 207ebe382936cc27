package inventory

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the format of rpm databases since 2020

	"holdfast/engine"
)

// rpmSQLite reads the current format. The database is copied first: SQLite wants
// a path, and writes beside a database that it opens.
func rpmSQLite(ctx context.Context, fsys fs.FS, name string, header func([]byte)) error {
	dir, err := os.MkdirTemp("", "holdfast-rpm-")
	if err != nil {
		return fmt.Errorf("a temporary copy could not be made: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "rpmdb.sqlite")
	if err := copyOut(ctx, fsys, name, file); err != nil {
		return err
	}
	// Changes that were not yet written back are in the log beside it.
	if err := copyOut(ctx, fsys, name+"-wal", file+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=trusted_schema(0)&_pragma=query_only(1)")
	if err != nil {
		return err
	}
	defer db.Close()
	return readRPMRows(ctx, db, header)
}

func readRPMRows(ctx context.Context, db *sql.DB, header func([]byte)) error {
	var kind string
	err := db.QueryRowContext(ctx, `SELECT type FROM sqlite_schema WHERE name = 'Packages'`).Scan(&kind)
	if errors.Is(err, sql.ErrNoRows) || err == nil && kind != "table" { // a view could run for ever
		return errors.New("it has no table Packages, so it is not an rpm database")
	}
	if err != nil {
		return fmt.Errorf("it is not a readable SQLite database: %w", err)
	}
	rows, err := db.QueryContext(ctx, `SELECT blob FROM Packages WHERE length(blob) <= ? ORDER BY hnum LIMIT ?`, maxRPMHeader, maxRPMs+1)
	if err != nil {
		return err
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		if n == maxRPMs {
			return errTooManyRPMs
		}
		var blob sql.RawBytes
		if err := rows.Scan(&blob); err != nil {
			return err
		}
		header(blob)
	}
	return rows.Err()
}

// copyOut copies a file of the target to a file of ours.
func copyOut(ctx context.Context, fsys fs.FS, name, to string) error {
	in, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(contextReader{ctx, in}, maxRPMDatabase+1))
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("a temporary copy could not be made: %w", err)
	}
	if n > maxRPMDatabase {
		return fmt.Errorf("%w of %d MB", engine.ErrTooLarge, maxRPMDatabase>>20)
	}
	return nil
}

// contextReader stops a long copy when the context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
