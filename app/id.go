package app

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// IDs returns a maker of ids: 48 bits of time in milliseconds and 80 random bits
// (the layout of a ULID) in 26 lower-case letters and digits, so that ids sort by
// time and cannot be guessed.
func IDs(now func() time.Time) func() string {
	return func() string {
		var b [16]byte
		binary.BigEndian.PutUint64(b[:8], uint64(now().UnixMilli())<<16)
		if _, err := rand.Read(b[6:]); err != nil {
			panic(err) // the system has no randomness: nothing we make would be safe
		}
		return idText.EncodeToString(b[:])
	}
}
