package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"holdfast/kind"
)

// Argon2id parameters: 64 MiB, 3 passes (RFC 9106, second recommended option, with
// fewer lanes for small machines).
const (
	argonMemory = 64 << 10 // KiB
	argonTime   = 3
	argonLanes  = 2
	saltBytes   = 16
	hashBytes   = 32
)

// Limits of a password. The upper one keeps hashing cheap to refuse.
const (
	MinPassword = 12
	MaxPassword = 256
)

// hashing lets only a few passwords be hashed at a time: each takes 64 MiB, and a
// flood of sign-ins must not exhaust memory.
var hashing = make(chan struct{}, 4)

// CheckNewPassword says what is wrong with a password that somebody wants to use.
// Length counts, not character classes (NIST SP 800-63B).
func CheckNewPassword(password, email string) error {
	lower := strings.ToLower(password)
	name, _, _ := strings.Cut(strings.ToLower(email), "@")
	switch {
	case len([]rune(password)) < MinPassword:
		return kind.Fieldf("password", "needs at least %d characters; a few words make a good one", MinPassword)
	case len(password) > MaxPassword:
		return kind.Fieldf("password", "is longer than %d characters", MaxPassword)
	case strings.Count(lower, lower[:1]) == len(lower):
		return kind.Fieldf("password", "repeats one character")
	case len(name) > 3 && strings.Contains(lower, name):
		return kind.Fieldf("password", "contains your name")
	case strings.Contains(lower, "password123") || strings.HasPrefix("12345678901234567890", lower) || strings.HasPrefix("qwertyuiopasdfghjkl", lower):
		return kind.Fieldf("password", "is among the first that anybody tries")
	}
	return nil
}

// HashPassword returns the Argon2id hash in PHC form.
func HashPassword(password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	return phc(salt, derive(password, salt)), nil
}

func derive(password string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, hashBytes)
}

func phc(salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, b64.EncodeToString(salt), b64.EncodeToString(hash))
}

// nobody is hashed against when there is no such person, so that the time of an
// answer does not tell who exists.
var nobody = phc(make([]byte, saltBytes), make([]byte, hashBytes))

// PasswordMatches compares a password with a stored hash, in constant time for a
// given hash. An empty hash takes as long and never matches.
func PasswordMatches(password, stored string) bool {
	exists := stored != ""
	if !exists {
		stored = nobody
	}
	if len(password) > MaxPassword {
		return false
	}
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil || memory > 1<<20 || passes == 0 || passes > 20 || lanes == 0 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) == 0 {
		return false
	}
	hashing <- struct{}{}
	defer func() { <-hashing }()
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && exists
}

// NewSecret returns 32 random bytes as text that fits into a URL.
func NewSecret() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// HashSecret is how a random secret is stored. It needs no salt and no slow hash,
// because nobody can guess 32 random bytes.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
