package configcheck

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

// hostConfigs opens the folder host-config of the shared test data.
func hostConfigs(t *testing.T) fs.FS {
	t.Helper()
	z, err := zip.OpenReader(sharedData(t, "05-host-config-and-scanners.zip"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = z.Close() })
	sub, err := fs.Sub(z, "host-config")
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

func sharedFile(t *testing.T, name string) string {
	t.Helper()
	b, err := fs.ReadFile(hostConfigs(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sharedTree reads a zip inside the shared data into a root.
func sharedTree(t *testing.T, name, below string) fstest.MapFS {
	t.Helper()
	body := sharedFile(t, name)
	z, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	root := fstest.MapFS{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil || f.FileInfo().IsDir() {
			continue
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		root[strings.TrimSuffix(below+f.Name, "/")] = &fstest.MapFile{Data: b, Mode: 0o644, Sys: engine.Ownership{}}
	}
	return root
}

// The directives of the sample files were derived by somebody else's parser.
func TestParsersAgreeWithTheDirectivesOfTheSampleFiles(t *testing.T) {
	var want map[string]map[string][]string
	if err := json.Unmarshal([]byte(sharedFile(t, "expected_directives.json")), &want); err != nil {
		t.Fatal(err)
	}
	augeas := sharedTree(t, "augeas-root_etc.zip", "")
	files := map[string]string{
		"augeas etc/ssh/sshd_config":           string(augeas["etc/ssh/sshd_config"].Data),
		"sshd_config_hardened_k4yt3x":          sharedFile(t, "sshd_config_hardened_k4yt3x"),
		"sshd_config_openssh-upstream-default": sharedFile(t, "sshd_config_openssh-upstream-default"),
	}
	for name, body := range files {
		settings, err := parseSSHD(body, "f", "", func([]string, string) ([]sshdSetting, error) { return nil, nil })
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		for _, s := range settings {
			got[s.key] = append(got[s.key], s.value())
			if m := "Match " + s.match; s.match != "" && !slices.Contains(got["_match_blocks"], m) {
				got["_match_blocks"] = append(got["_match_blocks"], m)
			}
		}
		if diff := cmp.Diff(currentNames(want[name]), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	got := map[string][]string{}
	for key, s := range loginDefs(sharedFile(t, "login.defs_upstream")) {
		got[strings.ToLower(key)] = []string{s.value}
	}
	if diff := cmp.Diff(want["login.defs_upstream"], got); diff != "" {
		t.Errorf("login.defs (-want +got):\n%s", diff)
	}
}

// currentNames replaces old keywords and the white space between arguments.
func currentNames(list map[string][]string) map[string][]string {
	out := map[string][]string{}
	for key, values := range list {
		if name, ok := sshdAliases[key]; ok {
			key = name
		}
		for _, v := range values {
			out[key] = append(out[key], strings.Join(strings.Fields(v), " "))
		}
	}
	return out
}

// failing lists the checks with a prefix that fail on a root.
func failing(t *testing.T, root fstest.MapFS, version string, prefix string) []string {
	t.Helper()
	target := &engine.Target{Kind: engine.Root, FS: root, Now: testNow, Inventory: &engine.Inventory{}}
	if version != "" {
		target.Inventory.Packages = []engine.Package{{Name: "openssh-server", Version: version}}
	}
	ids := map[string]bool{}
	for _, list := range observe(t, target) {
		for _, o := range list {
			if o.Outcome == engine.Fail && strings.HasPrefix(o.Check, prefix) {
				ids[strings.TrimSpace(o.Check+" "+o.Subject)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

func TestAHardenedServerPassesAllSSHChecksButThePasswordItAllows(t *testing.T) {
	root := fstest.MapFS{"etc/ssh/sshd_config": {Data: []byte(sharedFile(t, "sshd_config_hardened_k4yt3x")), Mode: 0o644, Sys: engine.Ownership{}}}
	if diff := cmp.Diff([]string{"sshd-password-login"}, failing(t, root, "1:9.2p1-2", "sshd-")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheUpstreamDefaultIsJudgedByItsDefaults(t *testing.T) {
	root := fstest.MapFS{"etc/ssh/sshd_config": {Data: []byte(sharedFile(t, "sshd_config_openssh-upstream-default")), Mode: 0o644, Sys: engine.Ownership{}}}
	want := []string{"sshd-agent-forwarding", "sshd-max-auth-tries", "sshd-password-login", "sshd-root-login", "sshd-tcp-forwarding", "sshd-weak-macs"}
	if diff := cmp.Diff(want, failing(t, root, "1:9.2p1-2", "sshd-")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	old := append(want, "sshd-protocol-1", "sshd-weak-ciphers", "sshd-weak-host-key-algorithms", "sshd-weak-key-exchange", "sshd-weak-user-key-algorithms")
	slices.Sort(old)
	if diff := cmp.Diff(old, failing(t, root, "1:5.3p1-3", "sshd-")); diff != "" {
		t.Errorf("the defaults of OpenSSH 5.3 (-want +got):\n%s", diff)
	}
}

func TestAnOldFedoraTreeIsJudgedAsItsFilesSay(t *testing.T) {
	root := sharedTree(t, "augeas-root_etc.zip", "")
	want := []string{
		"sshd-agent-forwarding", "sshd-max-auth-tries", "sshd-password-login", "sshd-root-login",
		"sshd-tcp-forwarding", "sshd-weak-macs", "sshd-x11-forwarding",
	}
	if diff := cmp.Diff(want, failing(t, root, "", "sshd-")); diff != "" {
		t.Errorf("sshd (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string(nil), failing(t, root, "", "sudo-")); diff != "" {
		t.Errorf("its sudoers only lets root and wheel in (-want +got):\n%s", diff)
	}
	h := newHost(t.Context(), &engine.Target{Kind: engine.Root, FS: root, Inventory: &engine.Inventory{}})
	for key, value := range map[string]string{"net.ipv4.ip_forward": "0", "net.ipv4.conf.default.rp_filter": "1", "kernel.sysrq": "0"} {
		if v, found, err := h.sysctl(key); err != nil || !found || v.value != value {
			t.Errorf("%s: got %q, %v, %v, want %q", key, v.value, found, err, value)
		}
	}
	s, err := h.sudo()
	if err != nil || len(s.rules) != 2 || len(s.aliases) != 8 {
		t.Errorf("sudoers: want 2 rules and 8 aliases, got %d, %d, %v", len(s.rules), len(s.aliases), err)
	}
}

func TestTheStacksOfShadowRefuseAWrongPassword(t *testing.T) {
	root := sharedTree(t, "pam.d_shadow.zip", "etc/")
	root["etc/pam.d/system-auth"] = &fstest.MapFile{Data: []byte("auth required pam_unix.so\n"), Mode: 0o644, Sys: engine.Ownership{}}
	if diff := cmp.Diff([]string(nil), failing(t, root, "", "pam-always")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	root["etc/pam.d/system-auth"] = &fstest.MapFile{Data: []byte("auth sufficient pam_unix.so nullok\nauth required pam_deny.so\n"), Mode: 0o644, Sys: engine.Ownership{}}
	if diff := cmp.Diff([]string{"pam-empty-password-allowed /etc/pam.d/system-auth"}, failing(t, root, "", "pam-empty")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
