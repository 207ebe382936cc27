package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/kind"
	"holdfast/port"
)

// usualRows is how many records a table shows when nobody says.
const usualRows = 50

// A listing is what the flags of list ask for.
type listing struct {
	filters []string
	sort    string
	words   string
	limit   int
	all     bool
	deleted bool
	columns []string
	format  string
}

func (c *cmdline) list(k *kind.Kind) *cobra.Command {
	l := listing{format: "table"}
	name := dashed(k.Name)
	cmd := &cobra.Command{
		Use: "list", Short: "List them", Args: slips(cobra.NoArgs),
		Long:    "List " + k.Plural + ". A filter is FIELD=a,b (one of), FIELD!=a (none of), FIELD~word (contains),\nFIELD<n, FIELD<=n, FIELD>n, FIELD>=n, or FIELD= (empty) and FIELD!= (not empty).",
		Example: "  holdfast " + name + " list\n  holdfast " + name + " list --filter 'title~web' --sort -updated_at\n  holdfast " + name + " list -o csv > " + name + ".csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := l.query(k)
			if err != nil {
				return err
			}
			return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
				if l.format != "table" {
					return c.show(ctx, cl, k, q, l.format)
				}
				return c.listTable(ctx, cl, k, q, l)
			})
		},
	}
	f := cmd.Flags()
	f.StringArrayVarP(&l.filters, "filter", "f", nil, "condition on a field, such as status=open; may be repeated")
	f.StringVar(&l.sort, "sort", "", "field to sort by, with - in front to turn around (default "+k.DefaultSort+")")
	f.StringVarP(&l.words, "search", "s", "", "words that the records must contain")
	f.IntVar(&l.limit, "limit", 0, fmt.Sprintf("how many at most; a table shows %d when nothing is said, a file all", usualRows))
	f.BoolVar(&l.all, "all", false, "show all in a table")
	f.BoolVar(&l.deleted, "deleted", false, "list what lies in the bin")
	f.StringSliceVar(&l.columns, "columns", nil, "fields to show in a table")
	formatFlag(cmd, &l.format, "table, json, yaml, csv, xlsx")
	return cmd
}

func (l listing) query(k *kind.Kind) (kind.Query, error) {
	q := kind.Query{Sort: l.sort, Search: l.words, Limit: l.limit, Deleted: l.deleted}
	if l.limit < 0 {
		return q, slipf("--limit must not be negative")
	}
	for _, text := range l.filters {
		f, err := filterOf(k, text)
		if err != nil {
			return q, err
		}
		q.Filters = append(q.Filters, f)
	}
	for _, name := range l.columns {
		if msg := port.Unknown(k, name); msg != "" {
			return q, slipf("--columns: %s %s", name, msg)
		}
	}
	if err := q.Check(k); err != nil {
		return q, slip{err}
	}
	return q, nil
}

// comparisons are the signs of filters, longer ones first.
var comparisons = []struct {
	sign string
	op   kind.Op
}{{"!=", kind.Not}, {"<=", kind.AtMost}, {">=", kind.AtLeast}, {"<", kind.Less}, {">", kind.More}, {"~", kind.Contains}, {"=", kind.Is}}

// filterOf reads "status=open,treating". The first sign counts, so that a value may
// hold others.
func filterOf(k *kind.Kind, text string) (kind.Filter, error) {
	end := strings.IndexAny(text, "!<>~=")
	for _, cmp := range comparisons {
		if end < 0 || !strings.HasPrefix(text[end:], cmp.sign) {
			continue
		}
		f := kind.Filter{Field: text[:end], Op: cmp.op, Values: []string{text[end+len(cmp.sign):]}}
		if msg := port.Unknown(k, f.Field); msg != "" {
			return f, slipf("--filter %s: %s %s", text, f.Field, msg)
		}
		if f.Values[0] == "" {
			return kind.Filter{Field: f.Field, Op: kind.Empty, Values: []string{fmt.Sprint(cmp.op == kind.Is)}}, nil
		}
		if cmp.op == kind.Is || cmp.op == kind.Not {
			f.Values = strings.Split(f.Values[0], ",")
		}
		return f, nil
	}
	return kind.Filter{}, slipf("--filter %s: write FIELD=VALUE", text)
}

func (c *cmdline) listTable(ctx context.Context, cl *client.Client, k *kind.Kind, q kind.Query, l listing) error {
	most := q.Limit
	if most == 0 && !l.all {
		most = usualRows
	}
	fields := tableColumns(k, l.columns)
	t := table{head: make([]string, len(fields))}
	for i, f := range fields {
		t.head[i] = strings.ToUpper(f.Name)
	}
	q.Count = true
	var total int64
	for {
		q.Limit = kind.MaxLimit
		if most > 0 {
			q.Limit = min(most-len(t.rows), kind.MaxLimit)
		}
		page, err := cl.List(ctx, k, q)
		if err != nil {
			return err
		}
		total = max(total, page.Total)
		for _, r := range page.Records {
			t.add(cells(fields, r)...)
		}
		if page.Next == "" || most > 0 && len(t.rows) >= most {
			break
		}
		q.Cursor, q.Count = page.Next, false
	}
	if err := t.write(c.Out); err != nil {
		return err
	}
	if shown := int64(len(t.rows)); shown < total {
		c.say("%d of %d; --all shows the others", shown, total)
	}
	return nil
}

// tableColumns are the fields to show: those asked for, or the key, the title and
// what the kind marks for lists.
func tableColumns(k *kind.Kind, wanted []string) []*kind.Field {
	if len(wanted) > 0 {
		fields := make([]*kind.Field, len(wanted))
		for i, name := range wanted {
			fields[i] = k.Field(name)
		}
		return fields
	}
	fields := []*kind.Field{k.Field("key")}
	for _, f := range k.Fields {
		if f.List && f.Name != "key" && f.Name != "title" && f.Type != kind.LongText {
			fields = append(fields, f)
		}
	}
	fields = fields[:min(len(fields), 7)]
	return slices.Clip(append(fields, k.Field("title")))
}

func cells(fields []*kind.Field, r kind.Record) []string {
	row := make([]string, len(fields))
	for i, f := range fields {
		if f.Type == kind.Flag && f.IsZero(r) {
			continue
		}
		row[i] = oneLine(f.Text(r))
	}
	return row
}
