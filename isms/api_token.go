package isms

import (
	"regexp"

	"holdfast/kind"
)

// An APIToken lets a program act in the name of a person, within its scopes and
// never beyond the roles of the person. The token is shown once; a hash is kept.
type APIToken struct {
	Base
	PersonID  string         `json:"person_id"  isms:"ref=person,required,list,filter,index,label=acts for,immutable"`
	Scopes    []string       `json:"scopes"     isms:"required,list,immutable" doc:"KIND:VERB, such as finding:read, risk:write or *:read."`
	Status    APITokenStatus `json:"status"     isms:"list,filter"`
	ExpiresAt Instant        `json:"expires_at" isms:"list,filter,immutable" doc:"Empty: never."`
	Prefix    string         `json:"prefix"     isms:"computed,list,index" doc:"The beginning of the token, by which it is recognised."`
	TokenHash string         `json:"token_hash" isms:"hidden,computed"`
	LastUsed  Instant        `json:"last_used"  isms:"computed,list"`
	LastFrom  string         `json:"last_from"  isms:"computed" doc:"Network address of its last use."`
	Networks  []string       `json:"networks"   doc:"Networks from which it may be used (CIDR); empty: any."`
	RevokedAt Instant        `json:"revoked_at" isms:"computed"`
	RevokedBy string         `json:"revoked_by" isms:"computed"`
}

// APITokenStatus is whether a token works.
type APITokenStatus string

// The states of a token.
const (
	APITokenActive  APITokenStatus = "active"
	APITokenRevoked APITokenStatus = "revoked"
)

// Choices lists the states.
func (APITokenStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "active", Tone: "good"}, {Value: "revoked", Tone: "muted"}}
}

var tokenScope = shape{regexp.MustCompile(`^(\*|[a-z][a-z_]*):(read|write|delete|approve|admin)$`),
	"has an entry that is not KIND:VERB, such as finding:read or *:write"}

// APITokens describes the record type.
var APITokens = kind.Of("api_token", kind.Spec[APIToken]{
	Group: kind.System, Label: "API token", Plural: "api-tokens", Icon: "key", State: "status", Personal: true, Owner: "person_id",
	Doc: "Lets a program act in the name of a person, within limits and until a date.",
	Validate: func(t *APIToken) error {
		for _, s := range t.Scopes {
			if err := refuse(!tokenScope.pattern.MatchString(s), "scopes", tokenScope.hint); err != nil {
				return err
			}
		}
		return networksAreValid("networks", t.Networks)
	},
	Actions: []kind.Act[APIToken]{
		{Action: kind.Action{Name: "revoke", From: []string{"active"}, To: "revoked", Danger: true, Doc: "It stops working at once, for ever."},
			Do: func(t *APIToken, in kind.Input) error {
				t.RevokedAt, t.RevokedBy, t.TokenHash = in.At, in.By, ""
				return nil
			}},
	},
})
