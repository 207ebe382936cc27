package feed

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// Progress is told about long work. Done and total are bytes of the sources.
type Progress func(step string, done, total int)

// A sink takes what the files of a source hold. It is called from one goroutine.
type sink interface {
	add(name string, p parsed) error
	problem(name string, err error)
}

// outcome is what became of one file.
type outcome struct {
	file   file
	parsed parsed
	err    error
}

// readSources reads all files below the paths into the sink, on all processors. A
// record or file that cannot be read is a problem told to the sink; a damaged
// archive, a full disk or the end of the context is the error, and what the sink
// has got must be thrown away.
func readSources(parent context.Context, paths []string, to sink, l limits, tell func(done int64)) error {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	files, outcomes := make(chan file, 64), make(chan outcome, 64)
	walked := make(chan error, 1)
	go func() {
		defer close(files)
		walked <- walkAll(ctx, paths, l, files)
	}()
	go parseAll(ctx, files, outcomes)

	var done int64
	var failed error
	for o := range outcomes {
		if failed != nil {
			continue // the channel is drained so that the workers can end
		}
		if failed = deliver(to, o); failed != nil {
			cancel()
		}
		done += o.file.packed
		tell(done)
	}
	err := <-walked
	if parent.Err() != nil {
		return parent.Err()
	}
	if failed != nil {
		return failed
	}
	return err
}

func walkAll(ctx context.Context, paths []string, l limits, files chan<- file) error {
	w := &walker{limits: l, ctx: ctx}
	w.emit = func(f file) {
		select {
		case files <- f:
		case <-ctx.Done():
		}
	}
	for _, path := range paths {
		if err := w.walk(path); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// parseAll runs the workers and closes outcomes when all are done.
func parseAll(ctx context.Context, files <-chan file, outcomes chan<- outcome) {
	var workers sync.WaitGroup
	for range max(1, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			var p parser
			for f := range files {
				o := outcome{file: f}
				if o.err = ctx.Err(); o.err == nil {
					o.parsed, o.err = p.file(f)
				}
				outcomes <- o
			}
		})
	}
	workers.Wait()
	close(outcomes)
}

// errContent wraps an error in what a file says; all else is a failure to read it.
type errContent struct{ error }

func (e errContent) Unwrap() error { return e.error }

func (p *parser) file(f file) (parsed, error) {
	if !p.reads(f.name) {
		return parsed{ignored: true}, nil
	}
	data, err := f.read()
	if err != nil {
		return parsed{}, err
	}
	out, err := p.parseSafely(f.name, data)
	if err != nil {
		return out, errContent{err}
	}
	return out, nil
}

// parseSafely turns a panic of a parser into a fault of the file: one hostile
// record must not end the server.
func (p *parser) parseSafely(name string, data []byte) (out parsed, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = parsed{}, fmt.Errorf("the parser stopped: %v", r)
		}
	}()
	return p.parse(name, data)
}

func deliver(to sink, o outcome) error {
	var content errContent
	switch {
	case errors.As(o.err, &content):
		to.problem(o.file.name, content)
		return nil
	case o.err != nil:
		return o.err
	}
	return to.add(o.file.name, o.parsed)
}
