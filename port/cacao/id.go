package cacao

import (
	"crypto/sha1" //nolint:gosec // names of things, as RFC 9562 says; nothing is protected by it
	"encoding/hex"
	"regexp"
	"strings"
)

// namespace is the UUID under which names of Holdfast become UUIDs: that of the name
// "holdfast" in the namespace of names of RFC 9562.
var namespace = nameUUID([16]byte{0x6b, 0xa7, 0xb8, 0x12, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}, "holdfast")

// ID is the identifier of a thing by its kind ("playbook", "action") and its name: the
// same name gives the same identifier on every machine (UUID version 5).
func ID(kind, name string) string {
	u := nameUUID(namespace, kind+"/"+name)
	h := hex.EncodeToString(u[:])
	return kind + "--" + strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func nameUUID(space [16]byte, name string) (u [16]byte) {
	sum := sha1.Sum(append(space[:], name...)) //nolint:gosec // see above
	copy(u[:], sum[:])
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return u
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9-]{0,60}--[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// Identifier tells whether the text is an identifier of the format.
func Identifier(text string) bool { return identifier.MatchString(text) }

// extensionID names our extension in every document.
var extensionID = ID("extension-definition", "playbook")
