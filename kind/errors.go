package kind

import (
	"errors"
	"fmt"
	"strings"
)

// A Code says what went wrong in a word that programs can rely on.
type Code string

// The codes. Every surface maps them once: HTTP status, exit status, toast.
const (
	Invalid         Code = "invalid"         // the input is wrong; Fields says where
	NotFound        Code = "not_found"       // no such record in this workspace
	Forbidden       Code = "forbidden"       // signed in, but not allowed
	Unauthenticated Code = "unauthenticated" // not signed in
	Conflict        Code = "conflict"        // somebody else was faster
	TooLarge        Code = "too_large"       // over a limit that protects the service
	Unavailable     Code = "unavailable"     // a thing we depend on does not answer
	Internal        Code = "internal"        // our fault
)

// An Error has a code for programs, a sentence for people and a cause for the log.
type Error struct {
	Code    Code
	Message string
	Fields  []FieldError
	Cause   error
}

// A FieldError says what is wrong with one field. Field is a JSON name, or a path
// such as "range.low".
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Errorf makes an error with a code. A wrapped error (%w) becomes the cause.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// Fieldf makes an Invalid error about one field.
func Fieldf(field, format string, args ...any) *Error {
	return InvalidFields([]FieldError{{field, fmt.Sprintf(format, args...)}})
}

// InvalidFields makes an Invalid error out of a list of field errors.
func InvalidFields(list []FieldError) *Error {
	texts := make([]string, len(list))
	for i, f := range list {
		texts[i] = f.Field + ": " + f.Message
	}
	return &Error{Code: Invalid, Message: strings.Join(texts, "; "), Fields: list}
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of err; Internal for an error without one, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// FieldsOf returns the field errors carried by err.
func FieldsOf(err error) []FieldError {
	var e *Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}
