package detection

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"holdfast/blob"
	"holdfast/isms"
	"holdfast/kind"
)

// Limits of what is kept with an alert. The first events are those that tell how it
// began; the event store holds the others for as long as it keeps them.
const (
	KeptEvents    = 50
	keptEventSize = 64 << 10
	keptSize      = 1 << 20
)

// keptName is the name of the file that holds the events of an alert.
const keptName = "events.jsonl"

// A KeptEvent is one raw line that is kept as evidence.
type KeptEvent struct {
	Raw    string `json:"raw,omitempty"`    // as it arrived
	Base64 []byte `json:"base64,omitempty"` // instead, where it is not text
	Cut    bool   `json:"cut,omitempty"`    // it was longer
}

// Text is the event as people read it.
func (e KeptEvent) Text() string {
	if e.Raw == "" && len(e.Base64) > 0 {
		return fmt.Sprintf("%q", e.Base64)
	}
	return e.Raw
}

func keptEvent(raw []byte) KeptEvent {
	e := KeptEvent{Cut: len(raw) > keptEventSize}
	raw = raw[:min(len(raw), keptEventSize)]
	if e.Cut {
		raw = bytes.ToValidUTF8(raw, nil)
	}
	if !utf8.Valid(raw) {
		e.Base64 = raw
		return e
	}
	e.Raw = string(raw)
	return e
}

// keepEvents adds events to what is kept with the alert: encrypted, under the hash of its
// content, as a file of the alert. What is there already stays, in its order.
func (f *Flow) keepEvents(ctx context.Context, a *isms.Alert, events [][]byte) error {
	if f.Files() == nil || len(events) == 0 {
		return nil
	}
	file, lines, err := f.keptFile(ctx, a)
	if err != nil {
		return err
	}
	have := bytes.Count(lines, []byte("\n"))
	before := len(lines)
	for _, raw := range events {
		line, err := json.Marshal(keptEvent(raw))
		if err != nil {
			return err
		}
		if have++; have > KeptEvents || len(lines)+len(line) > keptSize {
			break
		}
		lines = append(append(lines, line...), '\n')
	}
	if len(lines) == before {
		return nil
	}
	info, err := f.Files().Put(bytes.NewReader(lines), 0)
	if err != nil {
		return err
	}
	file.Size, file.SHA256, file.Blob = info.Size, info.Address, info.Address
	if err := f.Attachments().Save(ctx, file); err != nil {
		return err
	}
	a.Events, a.SHA256 = info.Address, info.Address
	return f.alerts().Save(ctx, a)
}

// keptFile is the file of events of an alert with what it holds; a new one where there
// is none yet, or where its content is lost.
func (f *Flow) keptFile(ctx context.Context, a *isms.Alert) (*isms.Attachment, []byte, error) {
	list, err := f.Attachments().List(ctx, kind.Query{Sort: "created_at", Limit: 1}.Where("subject_kind", isms.Alerts.Name).Where("subject_id", a.ID).Where("file_name", keptName))
	if err != nil {
		return nil, nil, err
	}
	if len(list) == 0 || a.Events == "" {
		return &isms.Attachment{Base: isms.Base{Title: keptName, Origin: "engine"}, SubjectKind: isms.Alerts.Name, SubjectID: a.ID, FileName: keptName, MediaType: blob.MediaText}, nil, nil
	}
	in, err := f.Files().Get(list[0].Blob)
	if kind.CodeOf(err) == kind.NotFound { // a backup without the files: begin anew rather than ring no more
		return list[0], nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	lines, err := io.ReadAll(io.LimitReader(in, keptSize+1))
	if closing := in.Close(); err == nil {
		err = closing
	}
	return list[0], lines, err
}

// AlertEvents reads the events that are kept with an alert, oldest first. Whoever may
// read the alert may read them. An alert without events has an empty list.
func (f *Flow) AlertEvents(ctx context.Context, idOrKey string) ([]KeptEvent, error) {
	a, err := f.alerts().Get(ctx, idOrKey)
	if err != nil || a.Events == "" || f.Files() == nil {
		return nil, err
	}
	in, err := f.Files().Get(a.Events)
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	var list []KeptEvent
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 2*keptSize)
	for lines.Scan() {
		var e KeptEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("events of alert %s: %w", a.Key, err)
		}
		list = append(list, e)
	}
	return list, lines.Err()
}
