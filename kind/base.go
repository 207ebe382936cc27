package kind

import "time"

// Base is what every record has. A record type embeds it by value.
type Base struct {
	ID        string    `json:"id"         isms:"computed" doc:"Identity inside the product. It never changes."`
	Key       string    `json:"key"        isms:"filter" doc:"Short stable name for people, files and scripts, unique within its kind."`
	Title     string    `json:"title"      isms:"required,list,filter,search" doc:"What people call it."`
	Labels    []string  `json:"labels"     isms:"filter,search" doc:"Free words to group records by."`
	Origin    string    `json:"origin"     isms:"computed" doc:"Where the record came from: a person, an import, an engine, the catalogue."`
	Version   int64     `json:"version"    isms:"computed" doc:"Counts the changes. A save names the version it was made from."`
	CreatedAt time.Time `json:"created_at" isms:"computed"`
	CreatedBy string    `json:"created_by" isms:"computed"`
	UpdatedAt time.Time `json:"updated_at" isms:"computed"`
	UpdatedBy string    `json:"updated_by" isms:"computed"`
	DeletedAt time.Time `json:"deleted_at,omitzero" isms:"computed" doc:"Set while the record lies in the bin, from which it can be restored."`
}

// GetBase makes a type that embeds Base a Record.
func (b *Base) GetBase() *Base { return b }

// A Record is a pointer to a struct that embeds Base.
type Record interface{ GetBase() *Base }
