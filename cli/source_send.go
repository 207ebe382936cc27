package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	eventintake "holdfast/intake"
)

// The sizes of what is handed over at once, and how long lines of a pipe wait for
// others.
const (
	sendSize = 4 << 20
	sendWait = time.Second
)

func (c *cmdline) sourceImport() *cobra.Command {
	return c.command("import KEY FILE...", "Hand log files over to a source, also packed with gzip or zstd; the same file is not taken twice",
		"holdfast source import old-firewall firewall.log.gz", cobra.MinimumNArgs(2),
		func(ctx context.Context, cl *client.Client, args []string) error {
			for _, name := range args[1:] {
				kept, repeated, err := importFile(ctx, cl, args[0], name)
				if err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				text := fmt.Sprintf("%s: %d events kept", name, kept)
				if repeated > 0 {
					text += fmt.Sprintf(", %d were there already", repeated)
				}
				if _, err := fmt.Fprintln(c.Out, text); err != nil {
					return err
				}
			}
			return nil
		})
}

// importFile hands a file over in parts, each with a key of its own: after a failure
// the parts that are there are not taken again.
func importFile(ctx context.Context, cl *client.Client, source, name string) (kept, repeated int, err error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, 0, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	in, err := eventintake.Unpack(file, 1<<40)
	if err != nil {
		return 0, 0, badInput{err}
	}
	err = inParts(in, func(part []byte) error {
		sum := sha256.Sum256(part)
		out, err := cl.ImportEvents(ctx, source, hex.EncodeToString(sum[:]), part)
		if out.Repeated {
			repeated += out.Kept
		} else {
			kept += out.Kept
		}
		return err
	})
	return kept, repeated, err
}

// inParts divides lines. A document of JSON that begins with a bracket, or has no lines,
// stays whole as far as it may be taken at once.
func inParts(in io.Reader, do func([]byte) error) error {
	r := bufio.NewReaderSize(in, 64<<10)
	most := sendSize
	if head, _ := r.Peek(512); len(bytes.TrimSpace(head)) > 0 && bytes.TrimSpace(head)[0] == '[' {
		most = eventintake.MaxPost
	}
	var part []byte
	for {
		line, err := r.ReadSlice('\n')
		part = append(part, line...)
		whole := err == nil
		switch {
		case len(part) > eventintake.MaxPost:
			return badInput{fmt.Errorf("a piece without an end of line is larger than %d MB", eventintake.MaxPost>>20)}
		case errors.Is(err, io.EOF):
			if len(part) == 0 {
				return nil
			}
			return do(part)
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		case whole && len(part) >= most:
			if err := do(part); err != nil {
				return err
			}
			part = part[:0]
		}
	}
}

func (c *cmdline) sourceSend() *cobra.Command {
	token := ""
	cmd := &cobra.Command{
		Use: "send URL", Short: "Post the lines of the standard input to a source, as they come", Args: slips(cobra.ExactArgs(1)),
		Long:    "Posts the lines of the standard input to the address of a source, with its token in HOLDFAST_SOURCE_TOKEN. While the server does not answer it waits and sends the same again; nothing is there twice.",
		Example: "  journalctl -f -o json | holdfast source send https://holdfast.example.org/intake/ID",
		RunE: func(cmd *cobra.Command, args []string) error {
			if token == "" {
				token = c.Env("HOLDFAST_SOURCE_TOKEN")
			}
			if token == "" {
				return slipf("put the token of the source into HOLDFAST_SOURCE_TOKEN")
			}
			return c.sendLines(cmd.Context(), args[0], token)
		},
	}
	cmd.Flags().StringVar(&token, "source-token", "", "token of the source; better in HOLDFAST_SOURCE_TOKEN, where other users do not see it")
	return cmd
}

// sendLines posts lines in parts: as many as wait, at least every second.
func (c *cmdline) sendLines(ctx context.Context, url, token string) error {
	var run [12]byte
	if _, err := rand.Read(run[:]); err != nil {
		return err
	}
	parts, ended := make(chan []byte), make(chan error, 1)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		ended <- gatherLines(ctx, c.In, parts)
		close(parts)
	}()
	sent, n := 0, 0
	for part := range parts {
		n++
		kept, err := c.sendPart(ctx, url, token, fmt.Sprintf("%x-%d", run, n), part)
		if err != nil {
			return err
		}
		sent += kept
	}
	fmt.Fprintf(c.Err, "%d events sent\n", sent)
	return <-ended
}

// sendPart posts until it is taken.
func (c *cmdline) sendPart(ctx context.Context, url, token, key string, part []byte) (int, error) {
	for {
		out, wait, err := client.PostEvents(ctx, url, token, key, part)
		if err == nil {
			return out.Kept, nil
		}
		if wait == 0 || ctx.Err() != nil {
			return 0, err
		}
		fmt.Fprintf(c.Err, "holdfast: %s; trying again\n", printable(err.Error()))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// gatherLines reads lines and gives them on in parts.
func gatherLines(ctx context.Context, in io.Reader, parts chan<- []byte) error {
	lines, ended := make(chan []byte, 1024), make(chan error, 1)
	go func() {
		ended <- inPartsOfOne(ctx, in, lines)
		close(lines)
	}()
	tick := time.NewTicker(sendWait)
	defer tick.Stop()
	var part []byte
	flush := func() {
		if len(part) > 0 {
			select {
			case parts <- part:
			case <-ctx.Done():
			}
			part = nil
		}
	}
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				flush()
				return <-ended
			}
			if part = append(part, line...); len(part) >= sendSize {
				flush()
			}
		case <-tick.C:
			flush()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// inPartsOfOne reads line by line.
func inPartsOfOne(ctx context.Context, in io.Reader, lines chan<- []byte) error {
	r := bufio.NewReaderSize(in, 64<<10)
	for {
		line, err := r.ReadBytes('\n')
		if len(line) > eventintake.MaxPost {
			return badInput{fmt.Errorf("a line is larger than %d MB", eventintake.MaxPost>>20)}
		}
		if len(line) > 0 {
			select {
			case lines <- line:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
