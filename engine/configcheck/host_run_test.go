package configcheck

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"holdfast/engine"
)

func TestSelf(t *testing.T) {
	if os.Getenv("SELF") == "" {
		t.Skip()
	}
	root, err := engine.OpenRoot("/")
	if err != nil {
		t.Fatal(err)
	}
	inv := &engine.Inventory{}
	inv.Host.Live = true
	b, _ := os.ReadFile("/etc/passwd")
	sh, _ := os.ReadFile("/etc/shadow")
	state := map[string]string{}
	for _, l := range strings.Split(string(sh), "\n") {
		f := strings.Split(l, ":")
		if len(f) > 2 {
			state[f[0]] = f[1]
		}
	}
	for _, l := range strings.Split(string(b), "\n") {
		f := strings.Split(l, ":")
		if len(f) < 7 {
			continue
		}
		u, _ := strconv.Atoi(f[2])
		g, _ := strconv.Atoi(f[3])
		p := engine.PasswordSet
		if s := state[f[0]]; s == "" {
			p = engine.PasswordEmpty
		} else if s[0] == '*' || s[0] == '!' {
			p = engine.PasswordLocked
		}
		inv.Host.Users = append(inv.Host.Users, engine.User{Name: f[0], UID: u, GID: g, Home: f[5], Shell: f[6], Password: p})
	}
	b, _ = os.ReadFile("/etc/group")
	for _, l := range strings.Split(string(b), "\n") {
		f := strings.Split(l, ":")
		if len(f) < 4 {
			continue
		}
		g, _ := strconv.Atoi(f[2])
		gr := engine.Group{Name: f[0], GID: g}
		if f[3] != "" {
			gr.Members = strings.Split(f[3], ",")
		}
		inv.Host.Groups = append(inv.Host.Groups, gr)
	}
	b, _ = os.ReadFile("/proc/mounts")
	for _, l := range strings.Split(string(b), "\n") {
		f := strings.Fields(l)
		if len(f) < 4 {
			continue
		}
		inv.Host.Mounts = append(inv.Host.Mounts, engine.Mount{Device: f[0], Path: f[1], Type: f[2], Options: strings.Split(f[3], ",")})
	}
	b, _ = os.ReadFile("/var/lib/dpkg/status")
	var name string
	for _, l := range strings.Split(string(b), "\n") {
		if v, ok := strings.CutPrefix(l, "Package: "); ok {
			name = v
		}
		if v, ok := strings.CutPrefix(l, "Version: "); ok {
			inv.Packages = append(inv.Packages, engine.Package{Name: name, Version: v, Ecosystem: "Debian:12"})
		}
	}
	inv.Host.OS = engine.OS{ID: "debian", VersionID: "12"}
	start := time.Now()
	list, err := New().Observe(t.Context(), &engine.Target{Kind: engine.Host, Name: "self", FS: root, Inventory: inv, Now: time.Now()})
	fmt.Println(time.Since(start), err)
	for _, o := range list {
		fmt.Printf("%-15s %-8s %-32s %s | %s\n", o.Outcome, o.Severity, o.Check, o.Subject, o.Detail)
	}
}
