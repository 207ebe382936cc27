package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"holdfast/intake"
)

// intakePath is where events are posted. It stands outside of sessions: a source has a
// token of its own, which can do nothing else.
const intakePath = "/intake/"

// maxPosts is how many posts are read at the same time; each may need some memory.
const maxPosts = 8

// posts serves what is posted to sources.
func (h *sourceHouse) posts() http.Handler {
	mux := http.NewServeMux()
	room := make(chan struct{}, maxPosts)
	serve := func(pattern string, shape shape) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			select {
			case room <- struct{}{}:
				defer func() { <-room }()
				h.post(w, r, shape)
			case <-r.Context().Done():
			}
		})
	}
	serve("POST "+intakePath+"{source}", plainShape)
	serve("POST "+intakePath+"{source}/v1/logs", otelShape)
	for _, path := range []string{"/services/collector", "/services/collector/event", "/services/collector/event/1.0"} {
		serve("POST "+intakePath+"{source}"+path, splunkShape)
	}
	serve("POST "+intakePath+"{source}/services/collector/raw", splunkRawShape)
	serve("POST "+intakePath+"{source}/_bulk", bulkShape)
	mux.HandleFunc("GET "+intakePath+"{source}/services/collector/health", h.greet(`{"text":"HEC is healthy","code":17}`))
	mux.HandleFunc("GET "+intakePath+"{source}/{$}", h.greet(`{"name":"holdfast","cluster_name":"holdfast","version":{"number":"8.17.0","build_flavor":"default"},"tagline":"You Know, for Search"}`))
	mux.HandleFunc("GET "+intakePath+"{source}/_license", h.greet(`{"license":{"status":"active","type":"basic"}}`))
	return mux
}

// A shape is a way in which events are wrapped in a post, and what it is answered.
type shape struct {
	unwrap func(body []byte) ([]byte, error)
	answer func(body []byte, lines int, repeated bool) []byte
}

// errShape is a body that is not as its address says.
var errShape = errors.New("the body is not what is sent to this address")

// post takes one post.
func (h *sourceHouse) post(w http.ResponseWriter, r *http.Request, s shape) {
	source, peer := r.PathValue("source"), peerOf(r)
	if err := h.in.Prove(source, tokenOf(r), peer); err != nil {
		refusePost(w, err)
		return
	}
	body, err := readPost(w, r)
	if err != nil {
		refusePost(w, err)
		return
	}
	events := body
	if s.unwrap != nil {
		if events, err = s.unwrap(body); err != nil {
			refusePost(w, fmt.Errorf("%w: %w", errShape, err))
			return
		}
	}
	n, repeated, err := h.in.Take(r.Context(), intake.Post{Source: source, Peer: peer, Key: r.Header.Get("Idempotency-Key"), Body: events})
	if err != nil {
		refusePost(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	_, _ = w.Write(s.answer(body, n, repeated))
}

// greet answers what senders ask before they send.
func (h *sourceHouse) greet(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h.in.Prove(r.PathValue("source"), tokenOf(r), peerOf(r)); err != nil {
			refusePost(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		_, _ = io.WriteString(w, text)
	}
}

// tokenOf is the secret that a sender shows, in whichever way it can.
func tokenOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "bearer", "splunk":
		return strings.TrimSpace(token)
	}
	_, password, _ := r.BasicAuth()
	return password
}

func peerOf(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// readPost reads and unpacks a body, bounded before and after.
func readPost(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	switch e := r.Header.Get("Content-Encoding"); e {
	case "", "identity", "gzip", "x-gzip", "zstd": // recognised by how it begins
	default:
		return nil, fmt.Errorf("%w: it is packed with %q; gzip and zstd are understood", errShape, e)
	}
	if r.Header.Get("Content-Type") == "application/x-protobuf" {
		return nil, fmt.Errorf("%w: it is protobuf; have the sender use JSON", errShape)
	}
	in, err := intake.Unpack(http.MaxBytesReader(w, r.Body, intake.MaxPost), intake.MaxPost)
	if err != nil {
		return nil, badBody(err)
	}
	body, err := io.ReadAll(in)
	return body, badBody(err)
}

// badBody tells a body that is too large from one that is broken.
func badBody(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large), errors.Is(err, intake.ErrTooLarge):
		return intake.ErrTooLarge
	}
	return fmt.Errorf("%w: %w", errShape, err)
}

// refusePost says why a post was not taken, and when to try again.
func refusePost(w http.ResponseWriter, err error) {
	status, text := http.StatusServiceUnavailable, "events cannot be kept now; send again"
	var busy *intake.Busy
	switch {
	case errors.Is(err, intake.ErrUnknown), errors.Is(err, intake.ErrToken):
		status, text = http.StatusUnauthorized, "there is no such event source, it is disabled, or the token is not its token"
	case errors.Is(err, intake.ErrSender):
		status, text = http.StatusForbidden, err.Error()
	case errors.Is(err, intake.ErrTooLarge):
		status, text = http.StatusRequestEntityTooLarge, fmt.Sprintf("at most %d MB are taken at once; divide the post", intake.MaxPost>>20)
	case errors.Is(err, intake.ErrReused):
		status, text = http.StatusUnprocessableEntity, err.Error()
	case errors.Is(err, errShape):
		status, text = http.StatusBadRequest, err.Error()
	case errors.As(err, &busy):
		status, text = http.StatusTooManyRequests, err.Error()
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(busy.Wait.Seconds()))))
	default:
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text})
}

// plainShape is lines or JSON as they are.
var plainShape = shape{answer: func(_ []byte, lines int, repeated bool) []byte {
	return fmt.Appendf(nil, `{"kept":%d,"repeated":%t}`+"\n", lines, repeated)
}}

var splunkAnswer = func([]byte, int, bool) []byte { return []byte(`{"text":"Success","code":0}`) }

// splunkShape is the event collector of Splunk: objects, each with an event inside.
var splunkShape = shape{unwrap: unwrapSplunk, answer: splunkAnswer}

// splunkRawShape is its address for lines.
var splunkRawShape = shape{answer: splunkAnswer}

func unwrapSplunk(body []byte) ([]byte, error) {
	var out bytes.Buffer
	d := json.NewDecoder(bytes.NewReader(body))
	for {
		var e struct {
			Event json.RawMessage `json:"event"`
		}
		err := d.Decode(&e)
		if errors.Is(err, io.EOF) {
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		var text string
		switch {
		case len(e.Event) == 0:
			return nil, errors.New("an object has no event")
		case json.Unmarshal(e.Event, &text) == nil:
			out.WriteString(strings.ReplaceAll(text, "\n", " "))
		default:
			if err := json.Compact(&out, e.Event); err != nil {
				return nil, err
			}
		}
		out.WriteByte('\n')
	}
}

// otelShape is OpenTelemetry's protocol for logs, as JSON.
var otelShape = shape{unwrap: unwrapOtel, answer: func([]byte, int, bool) []byte { return []byte(`{"partialSuccess":{}}`) }}

func unwrapOtel(body []byte) ([]byte, error) {
	var in struct {
		ResourceLogs []struct {
			Resource  json.RawMessage `json:"resource"`
			ScopeLogs []struct {
				Scope      json.RawMessage   `json:"scope"`
				LogRecords []json.RawMessage `json:"logRecords"`
			} `json:"scopeLogs"`
		} `json:"resourceLogs"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, rl := range in.ResourceLogs {
		for _, sl := range rl.ScopeLogs {
			for _, record := range sl.LogRecords {
				line, err := json.Marshal(otelLine{record, rl.Resource, sl.Scope})
				if err != nil {
					return nil, err
				}
				if out.Len()+len(line) > 2*intake.MaxPost { // what is said once is repeated for every record
					return nil, intake.ErrTooLarge
				}
				out.Write(line)
				out.WriteByte('\n')
			}
		}
	}
	return out.Bytes(), nil
}

// An otelLine is one record with what it belongs to.
type otelLine struct {
	Record   json.RawMessage `json:"logRecord"`
	Resource json.RawMessage `json:"resource,omitempty"`
	Scope    json.RawMessage `json:"scope,omitempty"`
}

// bulkShape is what senders for Elasticsearch speak: a line that says what to do, and a
// line that is the event.
var bulkShape = shape{unwrap: func(body []byte) ([]byte, error) {
	var out bytes.Buffer
	err := eachBulk(body, func(_ string, doc []byte) {
		out.Write(doc)
		out.WriteByte('\n')
	})
	return out.Bytes(), err
}, answer: answerBulk}

// eachBulk tells of every event of a bulk.
func eachBulk(body []byte, tell func(action string, doc []byte)) error {
	action := ""
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if action != "" {
			tell(action, line)
			action = ""
			continue
		}
		var what map[string]json.RawMessage
		if err := json.Unmarshal(line, &what); err != nil {
			return err
		}
		for _, known := range []string{"create", "index"} {
			if _, ok := what[known]; ok {
				action = known
			}
		}
		if action == "" {
			return errors.New("only create and index are understood")
		}
	}
	return nil
}

func answerBulk(body []byte, _ int, _ bool) []byte {
	out := []byte(`{"took":1,"errors":false,"items":[`)
	first := true
	_ = eachBulk(body, func(action string, _ []byte) { // it was read before without a fault
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(out, `{"`+action+`":{"status":201,"result":"created"}}`...)
	})
	return append(out, "]}"...)
}
