package access_test

import (
	"context"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/kind"
)

func TestPasswordsThatAnybodyTriesFirstAreRefused(t *testing.T) {
	for password, want := range map[string]string{
		"":                                       "at least 12",
		"short":                                  "at least 12",
		"äöüäöüäöüäö":                            "at least 12",
		"aaaaaaaaaaaaaaaa":                       "repeats",
		"123456789012":                           "first that anybody",
		"qwertyuiopas":                           "first that anybody",
		"MyPassword123456":                       "first that anybody",
		"Lovelace1815x":                          "your name",
		strings.Repeat("x1", access.MaxPassword): "longer than",
	} {
		err := access.CheckNewPassword(password, "lovelace@example.org")
		if kind.CodeOf(err) != kind.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", password, err)
		}
		if fields := kind.FieldsOf(err); len(fields) != 1 || fields[0].Field != "password" || password != "" && strings.Contains(err.Error(), password) {
			t.Errorf("%.20q: the complaint is %v", password, err)
		}
	}
	for _, good := range []string{"correct horse battery", "zwölf zeichen", "            x", strings.Repeat("ab", access.MaxPassword/2)} {
		if err := access.CheckNewPassword(good, "lovelace@example.org"); err != nil {
			t.Errorf("%.20q: %v", good, err)
		}
	}
}

func TestAPasswordFitsItsHashAndNoOther(t *testing.T) {
	const password = "correct horse battery"
	hash, err := access.HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	again, err := access.HashPassword(password)
	if err != nil || again == hash || strings.Contains(hash, password) {
		t.Errorf("two hashes of one password: %q, %q, %v", hash, again, err)
	}
	if !access.PasswordMatches(password, hash) {
		t.Error("the password does not fit")
	}
	for _, wrong := range []string{"", "correct horse batterz", password + " ", strings.Repeat("x", access.MaxPassword+1)} {
		if access.PasswordMatches(wrong, hash) {
			t.Errorf("%.30q fits", wrong)
		}
	}
	parts := strings.Split(hash, "$")
	for _, broken := range []string{"", "plain", "$argon2id$", strings.Replace(hash, "argon2id", "argon2i", 1), strings.Join(append(parts[:5:5], ""), "$"),
		strings.Replace(hash, parts[3], "m=99999999,t=3,p=2", 1), strings.Replace(hash, parts[3], "m=65536,t=3,p=0", 1), strings.Replace(hash, parts[3], "m=65536,t=0,p=1", 1)} {
		if access.PasswordMatches(password, broken) || access.PasswordMatches("", broken) {
			t.Errorf("fits the broken hash %q", broken)
		}
	}
}

func TestSecretsAreLongRandomAndStoredHashed(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		s, err := access.NewSecret()
		if err != nil || len(s) < 43 || seen[s] || strings.ContainsAny(s, "+/=") {
			t.Fatalf("secret %q, %v", s, err)
		}
		seen[s] = true
		if h := access.HashSecret(s); len(h) != 64 || strings.Contains(h, s) || h != access.HashSecret(s) {
			t.Fatalf("hash %q", h)
		}
	}
}

func TestNobodyIsSignedInByDefault(t *testing.T) {
	for _, ctx := range []context.Context{context.Background(), access.With(context.Background(), access.Actor{ID: "p1", Roles: access.Roles})} {
		if _, err := access.From(ctx); kind.CodeOf(err) != kind.Unauthenticated {
			t.Errorf("somebody is there: %v", err)
		}
	}
}
