package decoy

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
	"strings"
	"sync"
	"unicode"
)

func printable(r rune) bool { return r == ' ' || unicode.IsPrint(r) }

// textLimit bounds one text of a visit; a command may be as long as a line.
const textLimit = 1024

// keptLimit bounds all texts of a visit together, so that a full server stays small
// whatever its visitors type.
const keptLimit = 64 << 10

// A record gathers a visit. Libraries call back from goroutines of their own, so
// it locks.
type record struct {
	mu     sync.Mutex
	v      Visit
	limits Limits
	sum    hash.Hash
	kept   int // bytes of text in the lists
}

func newRecord(v Visit, l Limits) *record {
	return &record{v: v, limits: l, sum: sha256.New()}
}

// saw notes bytes as they were received.
func (r *record) saw(p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Write(p)
	if room := r.limits.Sample - len(r.v.Sample); room > 0 {
		r.v.Sample = append(r.v.Sample, p[:min(room, len(p))]...)
	}
}

// add appends an entry of some bytes to a list of the visit, or counts that it had no
// room.
func add[T any](r *record, list *[]T, entry T, size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(*list) >= r.limits.Entries || r.kept+size > keptLimit {
		r.v.Omitted++
		return
	}
	r.kept += size
	*list = append(*list, entry)
}

func (r *record) credential(user, secret, method string) {
	c := Credential{User: visible(user, textLimit), Secret: visible(secret, 2*textLimit), Method: visible(method, 64)}
	add(r, &r.v.Credentials, c, len(c.User)+len(c.Secret)+len(c.Method))
}

func (r *record) command(text string) { addText(r, &r.v.Commands, visible(text, r.limits.Line)) }

func (r *record) path(text string) { addText(r, &r.v.Paths, visible(text, textLimit)) }

func addText(r *record, list *[]string, text string) { add(r, list, text, len(text)) }

func (r *record) header(name, value string) {
	h := Header{Name: visible(name, 128), Value: visible(value, textLimit)}
	add(r, &r.v.Headers, h, len(h.Name)+len(h.Value))
}

func (r *record) tokens(ids ...string) {
	for _, id := range ids {
		r.mu.Lock()
		known := slices.Contains(r.v.Tokens, id)
		r.mu.Unlock()
		if !known {
			addText(r, &r.v.Tokens, id)
		}
	}
}

// client notes how the visitor names itself. The first name counts.
func (r *record) client(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.v.Client == "" {
		r.v.Client = visible(strings.TrimSpace(name), textLimit)
	}
}

// fault notes that the decoy failed.
func (r *record) fault(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.v.Fault == "" {
		r.v.Fault = visible(what, textLimit)
	}
}

// copy is the visit so far.
func (r *record) copy() Visit {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.v
	v.Credentials, v.Commands, v.Paths = slices.Clone(v.Credentials), slices.Clone(v.Commands), slices.Clone(v.Paths)
	v.Headers, v.Tokens, v.Sample = slices.Clone(v.Headers), slices.Clone(v.Tokens), slices.Clone(v.Sample)
	return v
}

// finish closes the visit: nothing may be noted afterwards.
func (r *record) finish(change func(*Visit)) Visit {
	r.mu.Lock()
	r.v.SHA256 = ""
	if len(r.v.Sample) > 0 {
		r.v.SHA256 = hex.EncodeToString(r.sum.Sum(nil))
	}
	if r.v.Tool == "" {
		r.v.Tool = guessTool(r.v.Service, r.v.Client, r.v.Sample)
	}
	change(&r.v)
	r.mu.Unlock()
	return r.copy()
}
