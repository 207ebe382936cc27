package event

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// sound fails the test where an event breaks a promise of the package.
func sound(tb testing.TB, e *Event) {
	tb.Helper()
	if fastjson.ValidateBytes(e.Native) != nil || !utf8.Valid(e.Native) || !json.Valid(e.Native) || !bytes.HasPrefix(e.Native, []byte("{")) {
		tb.Fatalf("Native is no JSON object: %q of %q", e.Native, e.Raw)
	}
	if o := e.OCSF(); !json.Valid(o) || !utf8.Valid(o) {
		tb.Fatalf("OCSF is no JSON: %q of %q", o, e.Raw)
	}
	for name, value := range e.Fields() {
		if !utf8.ValidString(value) {
			tb.Fatalf("%s is no UTF-8: %q", name, value)
		}
	}
	for o := range e.Observables() {
		if !utf8.ValidString(o.Value) || o.Value == "" || o.Field == "" || o.Type == "" {
			tb.Fatalf("an observable is broken: %+v", o)
		}
	}
	if e.Severity < 0 || e.Severity > 6 || e.Format == "" || e.Format == Auto {
		tb.Fatalf("severity %d, format %q", e.Severity, e.Format)
	}
}
