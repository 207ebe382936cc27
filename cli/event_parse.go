package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/engine/event"
)

// mostParsed bounds a file of events that is read as a whole, unpacked.
const mostParsed = 1 << 30

// An eventParsing is one run of the parsers with its flags.
type eventParsing struct {
	format, zone, output string
	broken               bool
}

func (c *cmdline) eventsParse() *cobra.Command {
	o := eventParsing{format: string(event.Auto), output: "table"}
	cmd := &cobra.Command{
		Use: "parse FILE", Short: "Show how the lines of a file are read", Args: slips(cobra.ExactArgs(1)),
		Long: `Read a file of events as a source of that format would be read, and print what was
understood. Nothing is stored, no server is needed. FILE may be packed with gzip; - is
standard input. With -o json each line is one event in the words of OCSF.`,
		Example: `  holdfast events parse /var/log/auth.log
  holdfast events parse eve.json --format suricata -o json
  journalctl -o export | holdfast events parse -`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.runEventsParse(cmd.Context(), o, args[0]) },
	}
	cmd.Flags().StringVar(&o.format, "format", o.format, "how the lines are written: "+strings.Join(formatNames(), ", "))
	cmd.Flags().StringVar(&o.zone, "zone", "UTC", "time zone of times without one, as in Europe/London")
	cmd.Flags().BoolVar(&o.broken, "broken", false, "only lines that could not be read as they should, with the reason")
	formatFlag(cmd, &o.output, "table, json")
	return cmd
}

func formatNames() []string {
	var names []string
	for _, f := range event.Formats {
		names = append(names, string(f))
	}
	return names
}

func (o *eventParsing) options() (event.Options, error) {
	if !slices.Contains(formatNames(), o.format) {
		return event.Options{}, slipf("--format %s: choose %s", o.format, strings.Join(formatNames(), ", "))
	}
	if !slices.Contains([]string{"table", "json"}, o.output) {
		return event.Options{}, badFormat(o.output, "table", "json")
	}
	zone, err := time.LoadLocation(o.zone)
	if err != nil {
		return event.Options{}, slipf("--zone %s is no time zone; write one as Europe/London", o.zone)
	}
	return event.Options{Format: event.Format(o.format), Zone: zone}, nil
}

func (c *cmdline) runEventsParse(ctx context.Context, o eventParsing, name string) error {
	options, err := o.options()
	if err != nil {
		return err
	}
	data, at, err := c.readEvents(name)
	if err != nil {
		return err
	}
	run := parsedEvents{formats: map[event.Format]int{}}
	p := event.NewParser(options)
	var e event.Event
	for raw := range event.Split(data) {
		if run.total%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		p.Parse(event.Line{Received: at, Raw: raw}, &e)
		if e.Meta {
			continue
		}
		run.count(&e)
		if o.broken && e.Complaint == "" {
			continue
		}
		if err := c.printEvent(o.output, &e); err != nil {
			return err
		}
	}
	c.say("%s", run.summary(name))
	return nil
}

// readEvents reads a file, unpacked, and when it was last written: a time without a year
// is the latest before that.
func (c *cmdline) readEvents(name string) ([]byte, time.Time, error) {
	in, at := c.In, c.Now().UTC()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, at, err
		}
		defer f.Close() //nolint:errcheck // it was only read
		info, err := f.Stat()
		if err != nil {
			return nil, at, err
		}
		if info.IsDir() {
			return nil, at, slipf("%s is a folder; name one of its files", name)
		}
		in, at = f, info.ModTime().UTC()
	}
	data, err := readAtMost(in, mostParsed)
	if err != nil {
		return nil, at, badInput{fmt.Errorf("%s: %w", name, err)}
	}
	if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return data, at, nil
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(data))
	if err == nil {
		data, err = readAtMost(unpacked, mostParsed)
	}
	if err != nil {
		return nil, at, badInput{fmt.Errorf("%s: %w", name, err)}
	}
	return data, at, nil
}

func readAtMost(r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("it has more than %d MB; cut it into smaller files", most>>20)
	}
	return data, err
}

// printEvent writes one event on a line.
func (c *cmdline) printEvent(output string, e *event.Event) error {
	if output == "json" {
		_, err := fmt.Fprintf(c.Out, "%s\n", e.OCSF())
		return err
	}
	what := dashIf(e.Class.Name())
	if e.Activity != "" && e.Class != event.Base {
		what += ": " + e.Activity
	}
	line := fmt.Sprintf("%s  %-10s  %-30s  %-7s  %-15s  %-16s  %-16s  %s", e.Time.Format("2006-01-02 15:04:05"), e.Format, shorten(oneLine(what)), dashIf(e.Outcome),
		dashIf(shorten(oneLine(e.User))), dashIf(e.Field("src_endpoint.ip")), dashIf(shorten(oneLine(e.Host))), cutText(oneLine(e.Message), 200))
	if e.Complaint != "" {
		line += "  (" + oneLine(e.Complaint) + ")"
	}
	_, err := fmt.Fprintln(c.Out, strings.TrimRight(line, " "))
	return err
}

func dashIf(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func cutText(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// parsedEvents counts what was read.
type parsedEvents struct {
	total, broken int
	formats       map[event.Format]int
}

func (r *parsedEvents) count(e *event.Event) {
	r.total++
	r.formats[e.Format]++
	if e.Complaint != "" {
		r.broken++
	}
}

func (r *parsedEvents) summary(name string) string {
	var kinds []string
	for _, f := range slices.Sorted(maps.Keys(r.formats)) {
		kinds = append(kinds, fmt.Sprintf("%d %s", r.formats[f], f))
	}
	s := fmt.Sprintf("%s: %d events", name, r.total)
	if len(kinds) > 0 {
		s += " (" + strings.Join(kinds, ", ") + ")"
	}
	if r.broken > 0 {
		s += fmt.Sprintf(", %d not wholly understood; see them with --broken", r.broken)
	}
	return s
}
