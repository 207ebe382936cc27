package oscal

import (
	"crypto/sha1" //nolint:gosec // RFC 9562 defines version 5 with SHA-1; it names, it does not protect
	"fmt"
)

// namespace is the UUID below which this product names its things (RFC 9562, 5.5).
var namespace = [16]byte{0x6c, 0x5d, 0x1b, 0x0e, 0x2f, 0x5a, 0x5c, 0x8b, 0x9a, 0x41, 0x7e, 0x0d, 0x3c, 0x56, 0x91, 0xd2}

// UUID makes a UUID (version 5) of names: the same names, the same UUID, everywhere.
func UUID(names ...string) string {
	h := sha1.New() //nolint:gosec // see above
	h.Write(namespace[:])
	for i, n := range names {
		if i > 0 {
			h.Write([]byte{0})
		}
		h.Write([]byte(n))
	}
	var u [16]byte
	copy(u[:], h.Sum(nil))
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}
