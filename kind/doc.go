// Package kind says how a type of record is described: its fields, links, states
// and actions. From one description follow the table, the list, the form, the
// API, the CLI, import and export, search, journal and permissions.
//
// The package knows no record type. It is the only one that uses reflection.
//
// How to read it: Kind (kind.go, made in describe.go, its rules in rules.go) has Fields (field.go) whose Go types (types.go)
// decide how they are stored and shown; codec.go turns records into JSON and
// back; query.go is the language of lists; registry.go holds all kinds together.
package kind
