package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"holdfast/kind"
)

// A dialect holds all in which the databases differ: the form of parameters, the
// words of full-text search (search.go), how to keep the planner on the right index
// and when to repeat a transaction.
type dialect struct {
	name     string
	numbered bool // parameters are $1, $2, … instead of ?
}

var (
	sqlite   = dialect{name: "sqlite"}
	postgres = dialect{name: "postgres", numbered: true}
)

// bind rewrites "?" for the database. Our statements hold no "?" in literals.
func (d dialect) bind(text string) string {
	if !d.numbered {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 16)
	n := 0
	for {
		before, after, found := strings.Cut(text, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		text = after
	}
}

// group is the column as GROUP BY names it. The plus keeps SQLite from walking an
// index in the order of the groups, which makes it read every row, when another
// index holds all that the question needs.
func (d dialect) group(column string) string {
	if d.name == "sqlite" {
		return "+" + column
	}
	return column
}

// again tells whether the database asks to repeat the transaction.
func (d dialect) again(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// SQLite settings: WAL with FULL so that a commit survives power loss;
// immediate locks so that a transaction never fails half-way to become a writer.
func openSQLite(path string, reg *kind.Registry) (*Store, error) {
	if err := ownFile(path); err != nil {
		return nil, err
	}
	dsn := func(extra string) string {
		return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)" +
			"&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=cache_size(-16000)&_pragma=temp_store(MEMORY)" + extra
	}
	write, err := sql.Open("sqlite", dsn("&_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", dsn("&_pragma=query_only(ON)"))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(max(4, runtime.NumCPU()))
	if err := write.Ping(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), read.Close(), write.Close())
	}
	return &Store{reg: reg, d: sqlite, write: write, read: read}, nil
}

// ownFile makes the file, if there is none, so that nobody else can read it. The
// files that SQLite lays beside it take the same permissions.
func ownFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	return f.Close()
}

func openPostgres(source string, reg *kind.Registry) (*Store, error) {
	db, err := sql.Open("pgx", source)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(20)
	db.SetMaxIdleConns(10)
	if err := db.Ping(); err != nil {
		return nil, errors.Join(kind.Errorf(kind.Unavailable, "the PostgreSQL server does not answer: %w", err), db.Close())
	}
	return &Store{reg: reg, d: postgres, write: db, read: db}, nil
}

// snapshot is the isolation in which two reads of one transaction agree.
func (d dialect) snapshot() sql.IsolationLevel {
	if d.name == "postgres" {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}
