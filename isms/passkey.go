package isms

import "holdfast/kind"

// A Passkey is a key pair of a person's device or security key, with which the
// person signs in without a password (WebAuthn).
type Passkey struct {
	Base
	PersonID       string   `json:"person_id"       isms:"ref=person,required,list,filter,index,label=belongs to,immutable"`
	CredentialID   string   `json:"credential_id"   isms:"hidden,computed,index" doc:"As the device named it, base64url."`
	PublicKey      string   `json:"public_key"      isms:"hidden,computed" doc:"COSE key, base64url."`
	SignCount      int64    `json:"sign_count"      isms:"hidden,computed" doc:"A count that goes back tells of a copied key."`
	Transports     []string `json:"transports"      isms:"computed" doc:"How the device is reached: internal, usb, nfc, hybrid."`
	Model          string   `json:"model"           isms:"computed,list" doc:"AAGUID of the maker's model."`
	Verifies       bool     `json:"verifies"        isms:"computed,label=checks the person" doc:"Asks for a finger, a face or a PIN."`
	BackupEligible bool     `json:"backup_eligible" isms:"computed" doc:"May be copied to the owner's other devices."`
	BackedUp       bool     `json:"backed_up"       isms:"computed,list"`
	LastUsed       Instant  `json:"last_used"       isms:"computed,list"`
}

// Passkeys describes the record type.
var Passkeys = kind.Of("passkey", kind.Spec[Passkey]{
	Group: kind.System, Icon: "key", Personal: true, Owner: "person_id",
	Doc: "A device or security key with which a person signs in without a password.",
	Prepare: func(p *Passkey) {
		entitle(&p.Base, "Passkey")
	},
})
