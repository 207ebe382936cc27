// Package pack makes the audit pack: one ZIP with every paper, the records, the
// files they name and the journal, in which each file is accounted for by its hash;
// and it verifies one with nothing but the ZIP.
//
//	index.html          what is in it, for people
//	README.txt          how to check it, also without this product
//	papers/*.pdf        every paper as it would be made now
//	records/*.json,csv  the records by kind
//	files/*             evidence, attachments and documents
//	journal.jsonl       every change, newest first, each with the hash of the one before
//	SHA256SUMS          for sha256sum --check
//	manifest.json       every file with its size and hash, and the end of the journal
//
// The same records give the same bytes on the same day. The hash of the manifest is
// the fingerprint of the pack: who knows it, knows the pack.
package pack

import (
	"time"

	"holdfast/journal"
)

// form names the layout of a pack; another number means another layout.
const form = "holdfast-audit-pack/1"

// The files that every pack has.
const (
	manifestFile = "manifest.json"
	indexFile    = "index.html"
	readmeFile   = "README.txt"
	journalFile  = "journal.jsonl"
	sumsFile     = "SHA256SUMS"
)

// A Manifest accounts for every file of a pack but itself.
type Manifest struct {
	Form         string       `json:"form"`
	Organisation string       `json:"organisation"`
	Day          string       `json:"day"` // on which it was made
	Product      string       `json:"product"`
	Head         journal.Head `json:"head"`     // the end of the journal when it was made
	Entries      int64        `json:"entries"`  // of the journal
	Withheld     int64        `json:"withheld"` // of them without their content, because whoever made the pack may not read it
	Files        []File       `json:"files"`
	Absent       []Absent     `json:"absent,omitempty"`
}

// A File of a pack.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	What   string `json:"what"`
}

// Absent is what belongs to the pack and could not be put in.
type Absent struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// A sealed is an entry of the journal whose content is withheld: its place in the
// chain can be checked, what it says cannot.
type sealed struct {
	Seq      int64     `json:"seq"`
	At       time.Time `json:"at"`
	Prev     string    `json:"prev"`
	Hash     string    `json:"hash"`
	Withheld bool      `json:"withheld"`
}
