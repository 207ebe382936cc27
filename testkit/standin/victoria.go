package standin

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// VictoriaLogs keeps whatever arrives as often as it arrives, drops without a word what it
// does not take, and evaluates LogsQL.
type VictoriaLogs struct {
	*httptest.Server

	// Answer takes a request before the server does; false: it does not. Nil: never.
	Answer func(w http.ResponseWriter, r *http.Request) bool
	// Retention is the oldest time that is taken; the zero time takes all.
	Retention time.Time

	mu      sync.Mutex
	rows    []logRow
	dropped int
	queries []string
}

// A logRow is a log entry: texts by field. A field that is not there is empty.
type logRow map[string]string

// What VictoriaLogs takes when it is not configured.
const (
	maxLogLine   = 256 << 10
	maxLogFields = 1_000
	maxLogName   = 128
)

// NewVictoriaLogs starts a server that ends with the test.
func NewVictoriaLogs(t testing.TB) *VictoriaLogs {
	t.Helper()
	v := &VictoriaLogs{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /insert/jsonline", v.insert)
	mux.HandleFunc("POST /select/logsql/query", v.query)
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v.Answer == nil || !v.Answer(w, r) {
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(v.Close)
	return v
}

// Rows are the entries that are kept.
func (v *VictoriaLogs) Rows() []map[string]string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var list []map[string]string
	for _, r := range v.rows {
		list = append(list, maps.Clone(r))
	}
	return list
}

// Dropped is how many entries were not taken.
func (v *VictoriaLogs) Dropped() int { v.mu.Lock(); defer v.mu.Unlock(); return v.dropped }

func (v *VictoriaLogs) insert(w http.ResponseWriter, r *http.Request) {
	streams := strings.Split(r.URL.Query().Get("_stream_fields"), ",")
	body := bufio.NewReader(r.Body)
	v.mu.Lock()
	defer v.mu.Unlock()
	for {
		line, err := body.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if row, ok := v.take(line, streams); ok {
				v.rows = append(v.rows, row)
			} else {
				v.dropped++
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
}

// take reads an entry; false: it is dropped.
func (v *VictoriaLogs) take(line []byte, streams []string) (logRow, bool) {
	if len(line) > maxLogLine {
		return nil, false
	}
	var doc map[string]any
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if d.Decode(&doc) != nil {
		return nil, false
	}
	row := logRow{}
	flattenLog(row, "", doc)
	at, err := time.Parse(time.RFC3339Nano, row["_time"])
	if err != nil || at.Before(v.Retention) || len(row) > maxLogFields {
		return nil, false
	}
	row["_time"] = at.UTC().Format("2006-01-02T15:04:05.000000000Z")
	if row["_msg"] == "" {
		row["_msg"] = "missing _msg field"
	}
	var stream []string
	for name := range row {
		if len(name) > maxLogName {
			return nil, false
		}
	}
	for _, s := range streams {
		if row[s] != "" {
			stream = append(stream, fmt.Sprintf("%s=%q", s, row[s]))
		}
	}
	row["_stream"] = "{" + strings.Join(stream, ",") + "}"
	return row, true
}

// flattenLog joins the names of nested fields by dots; an empty value is none.
func flattenLog(row logRow, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			flattenLog(row, strings.TrimPrefix(name+"."+key, "."), inner)
		}
	case string:
		if v != "" {
			row[name] = v
		}
	case nil:
	default:
		text, _ := json.Marshal(v)
		row[name] = string(text)
	}
}

func (v *VictoriaLogs) query(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		http.Error(w, "missing query arg", http.StatusBadRequest)
		return
	}
	text := r.FormValue("query")
	q, err := ParseLogsQL(text)
	if err == nil {
		_, err = time.ParseDuration(r.FormValue("timeout"))
	}
	if err != nil {
		http.Error(w, fmt.Sprintf("cannot parse query [%s]: %v", text, err), http.StatusBadRequest)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.queries = append(v.queries, text)
	var found []logRow
	for _, row := range v.rows {
		if q.filter(row) {
			found = append(found, row)
		}
	}
	for _, p := range q.pipes {
		found = p(found)
	}
	w.Header().Set("Content-Type", "application/stream+json")
	out := json.NewEncoder(w)
	for _, row := range found {
		_ = out.Encode(row)
	}
}
