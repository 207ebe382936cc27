// Command newmigration writes the next migration: what the present migrations
// lack to hold every field of every kind. Run it through "make migration".
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"holdfast/isms"
	"holdfast/store"
)

func main() {
	name := flag.String("name", "change", "what the migration does, in one_word_or_two")
	flag.Parse()
	if err := run(*name); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(name string) error {
	dir, err := os.MkdirTemp("", "holdfast-migration-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(dir, "scratch.db"), isms.Registry)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // the scratch database goes with its folder
	missing, err := s.Missing(ctx)
	if err != nil || missing == "" {
		return err
	}
	files, err := filepath.Glob("store/migrations/*/*.sql")
	if err != nil {
		return err
	}
	next := 0
	for _, f := range files {
		var n int
		if _, err := fmt.Sscanf(filepath.Base(f), "%d_", &n); err == nil {
			next = max(next, n)
		}
	}
	path := fmt.Sprintf("store/migrations/both/%04d_%s.sql", next+1, name)
	fmt.Println(path)
	return os.WriteFile(path, []byte("-- +goose Up\n"+missing), 0o644)
}
