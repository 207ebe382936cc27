package isms

import "holdfast/kind"

// An Attachment is a file at a record. The file itself lies encrypted in package
// blob under its key; only an upload sets what describes it.
type Attachment struct {
	Base
	SubjectKind string   `json:"subject_kind" isms:"required,list,filter,index,immutable,label=about (kind)"`
	SubjectID   string   `json:"subject_id"   isms:"required,filter,index,immutable,label=about (record)"`
	FileName    string   `json:"file_name"    isms:"required,list,search,immutable"`
	MediaType   string   `json:"media_type"   isms:"computed,list,filter" doc:"What the content was recognised as, not what the sender claimed."`
	Size        int64    `json:"size"         isms:"computed,list,unit=bytes"`
	SHA256      string   `json:"sha256"       isms:"computed,filter,index"`
	Blob        string   `json:"blob"         isms:"computed" doc:"Key under which the file is kept."`
	Note        Markdown `json:"note"         isms:"search"`
}

// Attachments describes the record type.
var Attachments = kind.Of("attachment", kind.Spec[Attachment]{
	Group: kind.System, Icon: "file", Sort: "-created_at",
	Doc: "A file at a record, with its size and its hash.",
	Prepare: func(a *Attachment) {
		entitle(&a.Base, a.FileName)
	},
	Validate: func(a *Attachment) error { return notNegative("size", int(a.Size)) },
})
