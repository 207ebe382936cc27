package event

import (
	"iter"
	"strings"
)

// An Observable is a value that an indicator may know.
type Observable struct {
	Type  ObservableType
	Value string
	Field string // where it stands, by the path of OCSF
}

// An ObservableType says what an observable is.
type ObservableType string

// The types of observables.
const (
	ObservableAddress     ObservableType = "address"
	ObservableDomain      ObservableType = "domain"
	ObservableURL         ObservableType = "url"
	ObservableMD5         ObservableType = "md5"
	ObservableSHA1        ObservableType = "sha1"
	ObservableSHA256      ObservableType = "sha256"
	ObservableEmail       ObservableType = "email"
	ObservableUserAgent   ObservableType = "user_agent"
	ObservableFileName    ObservableType = "file_name"
	ObservableCertificate ObservableType = "certificate"
)

// Observables are the values of the event that indicators may know, each as often as
// it stands in it. Names of files are given as a path and without it.
func (e *Event) Observables() iter.Seq[Observable] {
	return func(yield func(Observable) bool) {
		_ = e.addresses(yield) && e.names(yield) && e.hashes(yield) && e.files(yield) && e.others(yield)
	}
}

func give(yield func(Observable) bool, t ObservableType, value, field string) bool {
	return value == "" || yield(Observable{t, value, field})
}

func (e *Event) addresses(yield func(Observable) bool) bool {
	if e.Src.IsValid() && !yield(Observable{ObservableAddress, e.Src.String(), "src_endpoint.ip"}) {
		return false
	}
	return !e.Dst.IsValid() || yield(Observable{ObservableAddress, e.Dst.String(), "dst_endpoint.ip"})
}

func (e *Event) names(yield func(Observable) bool) bool {
	return give(yield, ObservableDomain, e.Domain, "dst_endpoint.hostname") &&
		give(yield, ObservableURL, e.URL, "http_request.url.url_string") &&
		give(yield, ObservableEmail, e.Mail, "email.from") &&
		give(yield, ObservableUserAgent, e.UserAgent, "http_request.user_agent")
}

func (e *Event) hashes(yield func(Observable) bool) bool {
	return give(yield, ObservableMD5, e.Hashes.MD5, "file.hashes.md5") &&
		give(yield, ObservableSHA1, e.Hashes.SHA1, "file.hashes.sha1") &&
		give(yield, ObservableSHA256, e.Hashes.SHA256, "file.hashes.sha256")
}

func (e *Event) files(yield func(Observable) bool) bool {
	for _, f := range [...]struct{ path, field string }{{e.File, "file"}, {e.Process, "process.file"}} {
		if !give(yield, ObservableFileName, f.path, f.field+".path") {
			return false
		}
		if name := baseName(f.path); name != f.path && !give(yield, ObservableFileName, name, f.field+".name") {
			return false
		}
	}
	return true
}

func (e *Event) others(yield func(Observable) bool) bool {
	for _, o := range e.Also {
		if !give(yield, o.Type, o.Value, o.Field) {
			return false
		}
	}
	return true
}

// baseName is the last part of a path of any system.
func baseName(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }
