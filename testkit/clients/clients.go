// Package clients finds the programs of others with which the product is tried.
package clients

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Need is the path of the first of the programs that is installed, also where only
// administrators look for it. Without any the test says what was not tried and which
// Debian package brings it; where HOLDFAST_REQUIRE_CLIENTS is set it fails.
func Need(t testing.TB, pack string, programs ...string) string {
	t.Helper()
	for _, name := range programs {
		for _, at := range []string{name, "/usr/sbin/" + name} {
			if path, err := exec.LookPath(at); err == nil {
				return path
			}
		}
	}
	missing := strings.Join(programs, " or ") + " is not here; the package " + pack + " brings it"
	if os.Getenv("HOLDFAST_REQUIRE_CLIENTS") != "" {
		t.Fatal(missing + ", and HOLDFAST_REQUIRE_CLIENTS asks for it")
	}
	t.Skip("NOT TRIED: " + missing)
	return ""
}
