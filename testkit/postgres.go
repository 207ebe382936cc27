package testkit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"holdfast/isms"
	"holdfast/store"
)

// Postgres opens a fresh PostgreSQL database. The server is the one named by
// HOLDFAST_TEST_DATABASE (a postgres:// URL whose user may create databases) or
// a private one that the test process starts. Where there is neither, the test
// is skipped loudly; with CI or HOLDFAST_REQUIRE_POSTGRES set it fails instead.
func Postgres(t testing.TB) *store.Store { return open(t, PostgresURL(t)) }

// PostgresURL returns the URL of a fresh, migrated database.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server, err := postgresOnce()
	if errors.Is(err, errNoPostgres) && os.Getenv("CI") == "" && os.Getenv("HOLDFAST_REQUIRE_POSTGRES") == "" {
		t.Skip("NOT RUN ON POSTGRESQL: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t_%d_%d", os.Getpid(), databases.Add(1))
	if err := server.exec("CREATE DATABASE " + name + " TEMPLATE " + server.template + server.copying); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Log(err)
		}
	})
	return server.url(name)
}

var databases atomic.Int64

var errNoPostgres = errors.New("no PostgreSQL server: install the package postgresql or set HOLDFAST_TEST_DATABASE")

type pgServer struct {
	base     url.URL
	template string
	copying  string // how a database is copied
	mu       sync.Mutex
}

func (p *pgServer) url(database string) string {
	u := p.base
	u.Path = "/" + database
	return u.String()
}

// exec runs one statement at a time: creating databases from one template at once
// is refused by the server.
func (p *pgServer) exec(statement string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	db, err := sql.Open("pgx", p.base.String())
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

// version is that of the server, such as 150018; 0 when it does not tell.
func (p *pgServer) version() (number int) {
	db, err := sql.Open("pgx", p.base.String())
	if err != nil {
		return 0
	}
	defer db.Close()
	_ = db.QueryRow("SELECT current_setting('server_version_num')::int").Scan(&number)
	return number
}

var postgresOnce = sync.OnceValues(func() (*pgServer, error) {
	p := &pgServer{template: fmt.Sprintf("template_%d", os.Getpid())}
	if given := os.Getenv("HOLDFAST_TEST_DATABASE"); given != "" {
		u, err := url.Parse(given)
		if err != nil {
			return nil, fmt.Errorf("HOLDFAST_TEST_DATABASE: %w", err)
		}
		p.base = *u
	} else if err := p.start(); err != nil {
		return nil, err
	}
	if p.version() >= 150000 {
		p.copying = " STRATEGY FILE_COPY" // a third of the time: nothing goes through the log
	}
	if err := p.exec("CREATE DATABASE " + p.template); err != nil {
		return nil, err
	}
	s, err := store.Open(context.Background(), p.url(p.template), isms.Registry)
	if err != nil {
		return nil, err
	}
	return p, s.Close()
})

// start runs a private server in a temporary folder. It ends with this process.
func (p *pgServer) start() error {
	bin, err := postgresBin()
	if err != nil {
		return err
	}
	who, err := unprivileged()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "holdfast-pg-*")
	if err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			return err
		}
	}
	if out, err := command(who, dir, filepath.Join(bin, "initdb"), "-D", data, "-U", "holdfast", "-A", "trust", "-E", "UTF8", "--locale=C", "-N").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	args := []string{"-c", leaveNothing, dir, filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-k", dir, "-c", "listen_addresses=127.0.0.1"}
	for _, set := range []string{"fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off", "max_connections=300", "shared_buffers=64MB"} {
		args = append(args, "-c", set)
	}
	server := command(who, dir, "/bin/sh", args...)
	if err := startBound(server); err != nil {
		return err
	}
	p.base = url.URL{Scheme: "postgres", User: url.User("holdfast"), Host: "127.0.0.1:" + strconv.Itoa(port), Path: "/postgres", RawQuery: "sslmode=disable"}
	return p.await()
}

// leaveNothing runs the server and removes its folder once it has ended. The signal that
// tells of our own end is handed on to it.
const leaveNothing = `"$@" & trap 'kill -QUIT $!' QUIT TERM INT; wait $!; wait $!; cd /; rm -rf "$0"`

// startBound starts the command so that it ends when this process does. The signal
// is tied to the thread that starts it, so that thread must live on.
func startBound(cmd *exec.Cmd) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- cmd.Start()
		_ = cmd.Wait()
		select {}
	}()
	return <-done
}

func (p *pgServer) await() error {
	db, err := sql.Open("pgx", p.base.String())
	if err != nil {
		return err
	}
	defer db.Close()
	for range 200 {
		if err = db.Ping(); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("the private PostgreSQL server does not come up: %w", err)
}

func command(who *syscall.Credential, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + dir, "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGQUIT}
	return cmd
}

// unprivileged returns who runs the server when we are root, which it refuses.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err == nil && len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errNoPostgres
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
