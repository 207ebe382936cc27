package isms

import (
	"regexp"

	"holdfast/kind"
)

// An IdentityProvider is the service outside by which people sign in, and that
// may create and remove them here.
type IdentityProvider struct {
	Base
	Protocol      IdentityProtocol       `json:"protocol"       isms:"required,list,filter,immutable"`
	Status        IdentityProviderStatus `json:"status"         isms:"list,filter"`
	Issuer        string                 `json:"issuer"         isms:"required,list" doc:"Address under which it names itself: the OIDC issuer or the SAML entity."`
	ClientID      string                 `json:"client_id"      doc:"How it knows us."`
	ClientSecret  string                 `json:"client_secret"  isms:"hidden,computed" doc:"Encrypted; set on its own page."`
	Metadata      string                 `json:"metadata"       doc:"SAML: address of its metadata."`
	Domains       []string               `json:"domains"        isms:"list" doc:"Mail domains whose people are sent there."`
	CreatePeople  bool                   `json:"create_people"  doc:"Whoever signs in for the first time becomes a person here."`
	DefaultRoles  Roles                  `json:"default_roles"  doc:"Roles of people created that way."`
	GroupClaim    string                 `json:"group_claim"    doc:"Which statement of it lists the groups of a person."`
	GroupRoles    []string               `json:"group_roles"    doc:"GROUP=ROLE, such as security-team=security_lead."`
	SCIMTokenHash string                 `json:"scim_token_hash" isms:"hidden,computed" doc:"Hash of the token with which it keeps people up to date (SCIM)."`
	LastUsed      Instant                `json:"last_used"      isms:"computed,list"`
}

// IdentityProtocol is how the provider is spoken to.
type IdentityProtocol string

// Choices lists the protocols.
func (IdentityProtocol) Choices() []kind.Choice {
	return []kind.Choice{{Value: "oidc", Label: "OpenID Connect"}, {Value: "saml", Label: "SAML 2.0"}}
}

// IdentityProviderStatus is whether people may sign in by a provider.
type IdentityProviderStatus string

// The states of an identity provider.
const (
	IdentityProviderOff IdentityProviderStatus = "off"
	IdentityProviderOn  IdentityProviderStatus = "on"
)

// Choices lists the states.
func (IdentityProviderStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "off", Tone: "muted"}, {Value: "on", Tone: "good"}}
}

var groupRole = shape{regexp.MustCompile(`^[^=]+=(administrator|security_lead|contributor|approver|auditor|staff)$`),
	"has an entry that is not GROUP=ROLE, such as security-team=security_lead"}

// IdentityProviders describes the record type.
var IdentityProviders = kind.Of("identity_provider", kind.Spec[IdentityProvider]{
	Group: kind.System, Plural: "identity-providers", Icon: "lock", State: "status", Sort: "title",
	Doc: "The service outside by which people sign in.",
	Validate: func(p *IdentityProvider) error {
		for _, entry := range p.GroupRoles {
			if err := groupRole.check("group_roles", entry); err != nil {
				return err
			}
		}
		return complaints(
			refuse(p.Protocol == "oidc" && p.ClientID == "", "client_id", "is needed for OpenID Connect"),
			refuse(p.Protocol == "saml" && p.Metadata == "", "metadata", "is needed for SAML"),
			webAddress("metadata", p.Metadata, "https"))
	},
	Actions: []kind.Act[IdentityProvider]{
		{Action: kind.Action{Name: "enable", Label: "Turn on", From: []string{"off"}, To: "on", Needs: kind.Admin}},
		{Action: kind.Action{Name: "disable", Label: "Turn off", From: []string{"on"}, To: "off", Needs: kind.Admin, Danger: true}},
	},
})
