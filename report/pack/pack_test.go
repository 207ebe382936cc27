package pack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/pack"
	"holdfast/report/paper"
	"holdfast/server"
)

// made is a pack of the sample organisation, made once.
type made struct {
	raw         []byte
	manifest    pack.Manifest
	fingerprint string
}

// kept is a file that the sample's store of files holds.
const kept = "minutes of the restore test"

func maker(l *server.Local) pack.Maker {
	return pack.Maker{Desk: paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response}, Product: "holdfast test", Open: func(_ context.Context, blob string) (io.ReadCloser, error) {
		if blob == "blob-1" {
			return io.NopCloser(strings.NewReader(kept)), nil
		}
		return nil, fs.ErrNotExist
	}}
}

func open(t testing.TB) (*server.Local, context.Context) {
	t.Helper()
	l, err := server.Open(context.Background(), server.Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	who, err := l.LoadSample(context.Background(), app.First{Name: "Ana", Email: "ana@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := access.With(context.Background(), who)
	machine := access.With(ctx, access.Actor{Name: "test", Workspace: who.Workspace, Machine: true})
	for _, e := range []*isms.Evidence{{Base: isms.Base{Title: "Restore test"}, Source: "stated", Statement: "We restored the database.", Blob: "blob-1"}, {Base: isms.Base{Title: "The file is lost"}, Source: "stated", Statement: "The file is lost.", Blob: "blob-2"}} {
		if err := app.Of[isms.Evidence](l.App, isms.Evidences).Save(machine, e); err != nil {
			t.Fatal(err)
		}
	}
	return l, ctx
}

var (
	once   sync.Once
	sample made
)

// packed is the pack of the sample organisation.
func packed(t *testing.T) made {
	t.Helper()
	once.Do(func() {
		l, ctx := open(t)
		m := maker(l)
		var one, two bytes.Buffer
		var err error
		if sample.manifest, sample.fingerprint, err = m.Write(ctx, &one); err != nil {
			t.Fatal(err)
		}
		if _, _, err := m.Write(ctx, &two); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Error("the same records gave other bytes")
		}
		sample.raw = one.Bytes()
	})
	if sample.raw == nil {
		t.Fatal("no pack was made")
	}
	if name := os.Getenv("HOLDFAST_PACK"); name != "" {
		if err := os.WriteFile(name, sample.raw, 0o600); err != nil {
			t.Error(err)
		}
	}
	return sample
}

func verify(t *testing.T, raw []byte) (pack.Verdict, error) {
	t.Helper()
	return pack.Verify("pack.zip", bytes.NewReader(raw), int64(len(raw)))
}

func TestAPackHoldsEverythingAndVerifiesAnywhere(t *testing.T) {
	p := packed(t)
	v, err := verify(t, p.raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Problems) > 0 || v.Fingerprint != p.fingerprint || v.Checked != len(p.manifest.Files) || v.Entries != p.manifest.Head.Seq || v.Entries == 0 {
		t.Errorf("a fresh pack: %d of %d files, %d entries, problems %v", v.Checked, len(p.manifest.Files), v.Entries, v.Problems)
	}
	files := unpack(t, p.raw)
	for _, want := range []string{"index.html", "README.txt", "journal.jsonl", "SHA256SUMS", "manifest.json", "papers/risk.pdf", "papers/soa.pdf", "records/risk.json", "records/risk.csv"} {
		if len(files[want]) == 0 {
			t.Errorf("the pack has no %s", want)
		}
	}
	if _, secret := files["records/api_token.json"]; secret {
		t.Error("the pack holds tokens")
	}
	found, lost := false, false
	for name, data := range files {
		found = found || strings.HasPrefix(name, "files/") && string(data) == kept
	}
	for _, a := range p.manifest.Absent {
		lost = lost || strings.Contains(a.What, "The file is lost")
	}
	if !found || !lost {
		t.Errorf("the file that is kept is in the pack: %v; the one that is lost is told: %v", found, lost)
	}
}

func TestThePackCanBeCheckedWithoutThisProduct(t *testing.T) {
	tool, err := exec.LookPath("sha256sum")
	if err != nil {
		t.Skip("NOT CHECKED: sha256sum is not installed, so SHA256SUMS stays unproven")
	}
	dir := t.TempDir()
	for name, data := range unpack(t, packed(t).raw) {
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			if err := os.MkdirAll(dir+"/"+name[:i], 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(dir+"/"+name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(tool, "--check", "--quiet", "--strict", "SHA256SUMS")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func unpack(t *testing.T, raw []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// repack writes the files again; sums also brings the manifest in line with them, as
// a careful forger would.
func repack(t *testing.T, files map[string][]byte, sums bool) []byte {
	t.Helper()
	if sums {
		var m pack.Manifest
		if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
			t.Fatal(err)
		}
		for i, f := range m.Files {
			sum := sha256.Sum256(files[f.Path])
			m.Files[i].SHA256, m.Files[i].Size = hex.EncodeToString(sum[:]), int64(len(files[f.Path]))
		}
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		files["manifest.json"] = raw
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, data := range files {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatWasTamperedWithIsNamed(t *testing.T) {
	p := packed(t)
	lines := func(f map[string][]byte, change func([][]byte) [][]byte) {
		f["journal.jsonl"] = bytes.Join(change(bytes.Split(f["journal.jsonl"], []byte("\n"))), []byte("\n"))
	}
	for name, c := range map[string]struct {
		change func(map[string][]byte)
		sums   bool // the forger mends the manifest
		path   string
		what   string
		text   string
	}{
		"a byte of a paper": {func(f map[string][]byte) { f["papers/risk.pdf"][500] ^= 1 }, false, "papers/risk.pdf", "changed", "has the hash"},
		"a longer file":     {func(f map[string][]byte) { f["README.txt"] = append(f["README.txt"], "more"...) }, false, "README.txt", "changed", "bytes"},
		"a shorter file":    {func(f map[string][]byte) { f["README.txt"] = f["README.txt"][:20] }, false, "README.txt", "changed", "has 20 bytes"},
		"a missing paper":   {func(f map[string][]byte) { delete(f, "papers/soa.pdf") }, false, "papers/soa.pdf", "missing", "Statement of applicability"},
		"a file more":       {func(f map[string][]byte) { f["papers/nice.pdf"] = []byte("x") }, false, "papers/nice.pdf", "added", "not in the manifest"},
		"an altered entry": {func(f map[string][]byte) {
			f["journal.jsonl"] = bytes.Replace(f["journal.jsonl"], []byte(`"verb":"create"`), []byte(`"verb":"delete"`), 1)
		}, true, "journal.jsonl", "journal", "was altered"},
		"an entry left out":       {func(f map[string][]byte) { lines(f, func(l [][]byte) [][]byte { return append(l[:5:5], l[6:]...) }) }, true, "journal.jsonl", "journal", "removed, added or moved"},
		"the newest entry is cut": {func(f map[string][]byte) { lines(f, func(l [][]byte) [][]byte { return l[1:] }) }, true, "journal.jsonl", "journal", "removed, added or moved"},
		"the oldest entry is cut": {func(f map[string][]byte) { lines(f, func(l [][]byte) [][]byte { return append(l[:len(l)-2], nil) }) }, true, "journal.jsonl", "journal", "cut off"},
		"two entries swapped":     {func(f map[string][]byte) { lines(f, func(l [][]byte) [][]byte { l[3], l[4] = l[4], l[3]; return l }) }, true, "journal.jsonl", "journal", "removed, added or moved"},
		"an entry is nonsense":    {func(f map[string][]byte) { lines(f, func(l [][]byte) [][]byte { l[3] = []byte("nonsense"); return l }) }, true, "journal.jsonl", "journal", "is no entry"},
		"no journal at all":       {func(f map[string][]byte) { delete(f, "journal.jsonl") }, false, "journal.jsonl", "missing", "the journal"},
		"an entry is hidden": {func(f map[string][]byte) {
			lines(f, func(l [][]byte) [][]byte {
				l[2] = bytes.Replace(l[2], []byte(`{`), []byte(`{"withheld":true,`), 1)
				return l
			})
		}, true, "journal.jsonl", "journal", "withholds the content"},
	} {
		files := unpack(t, p.raw)
		c.change(files)
		v, err := verify(t, repack(t, files, c.sums))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found := false
		for _, pr := range v.Problems {
			found = found || pr.Path == c.path && pr.What == c.what && strings.Contains(pr.Text, c.text)
		}
		if !found {
			t.Errorf("%s: problems %v, want %s %s %q", name, v.Problems, c.path, c.what, c.text)
		}
		if c.sums && v.Fingerprint == p.fingerprint {
			t.Errorf("%s: the forged manifest has the same fingerprint", name)
		}
	}
}

func TestAnArchiveMadeToDoHarmIsRefused(t *testing.T) {
	entry := func(name string, mode fs.FileMode) func(*zip.Writer) error {
		return func(z *zip.Writer) error {
			h := &zip.FileHeader{Name: name}
			h.SetMode(mode)
			_, err := z.CreateHeader(h)
			return err
		}
	}
	for name, c := range map[string]struct {
		write []func(*zip.Writer) error
		want  string
	}{
		"a way out":                    {[]func(*zip.Writer) error{entry("../evil", 0o600)}, "leads out of its folder"},
		"an absolute path":             {[]func(*zip.Writer) error{entry("/etc/passwd", 0o600)}, "leads out of its folder"},
		"a windows path":               {[]func(*zip.Writer) error{entry(`a\..\..\b`, 0o600)}, "leads out of its folder"},
		"a drive":                      {[]func(*zip.Writer) error{entry("C:evil", 0o600)}, "leads out of its folder"},
		"a symbolic link":              {[]func(*zip.Writer) error{entry("papers/x.pdf", fs.ModeSymlink|0o777)}, "leads out of its folder"},
		"one name twice":               {[]func(*zip.Writer) error{entry("a.txt", 0o600), entry("a.txt", 0o600)}, "there twice"},
		"nothing at all":               {nil, "no manifest.json"},
		"another manifest":             {[]func(*zip.Writer) error{text("manifest.json", `{"form":"other/9"}`)}, `of the form "other/9"`},
		"a broken manifest":            {[]func(*zip.Writer) error{text("manifest.json", `{`)}, "cannot be read"},
		"a file twice in the manifest": {[]func(*zip.Writer) error{text("manifest.json", `{"form":"holdfast-audit-pack/1","files":[{"path":"a"},{"path":"a"}]}`)}, "twice"},
	} {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for _, w := range c.write {
			if err := w(z); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := verify(t, out.Bytes()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := verify(t, packed(t).raw[:1000]); err == nil || !strings.Contains(err.Error(), "its end is missing") {
		t.Errorf("half a pack: %v", err)
	}
}

func text(name, body string) func(*zip.Writer) error {
	return func(z *zip.Writer) error {
		f, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(f, body)
		}
		return err
	}
}

// zeros is a file that packs a thousandfold.
type zeros struct{ left int }

func (z *zeros) Read(p []byte) (int, error) {
	n := min(z.left, len(p))
	if n == 0 {
		return 0, io.EOF
	}
	clear(p[:n])
	z.left -= n
	return n, nil
}

func TestNoMoreOfABombIsReadThanItsManifestSays(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	f, err := z.Create("papers/bomb.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, &zeros{256 << 20}); err != nil {
		t.Fatal(err)
	}
	if err := text("manifest.json", `{"form":"holdfast-audit-pack/1","files":[{"path":"papers/bomb.pdf","size":10,"sha256":"00"}]}`)(z); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	counted := &counting{r: bytes.NewReader(out.Bytes())}
	v, err := pack.Verify("pack.zip", counted, int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Problems) == 0 || !strings.Contains(v.Problems[len(v.Problems)-1].Text, "more than 10") {
		t.Errorf("problems %v", v.Problems)
	}
	if counted.n > out.Len()/2 {
		t.Errorf("%d of %d bytes were read", counted.n, out.Len())
	}
}

type counting struct {
	r *bytes.Reader
	n int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += n
	return n, err
}

func TestAPackHoldsNoMoreThanItsMakerMayRead(t *testing.T) {
	l, ctx := open(t)
	actor, err := access.From(ctx)
	if err != nil {
		t.Fatal(err)
	}
	actor.Roles = []access.Role{access.Auditor}
	var out bytes.Buffer
	m, _, err := maker(l).Write(access.With(ctx, actor), &out)
	if err != nil {
		t.Fatal(err)
	}
	v, err := verify(t, out.Bytes())
	if err != nil || len(v.Problems) > 0 {
		t.Errorf("the pack of an auditor: %v %v", err, v.Problems)
	}
	for name := range unpack(t, out.Bytes()) {
		if !strings.HasPrefix(name, "records/") {
			continue
		}
		k := l.App.Registry().Named(strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(name, "records/"), ".json"), ".csv"))
		if actor.May(kind.Read, k) != access.All {
			t.Errorf("%s is in the pack", name)
		}
	}
	actor.Roles = []access.Role{access.Staff}
	out.Reset()
	m, _, err = maker(l).Write(access.With(ctx, actor), &out)
	if err != nil {
		t.Fatal(err)
	}
	if m.Withheld == 0 || len(m.Absent) == 0 {
		t.Errorf("the pack of staff withholds %d entries and tells of %d things", m.Withheld, len(m.Absent))
	}
	if v, err := verify(t, out.Bytes()); err != nil || len(v.Problems) > 0 {
		t.Errorf("the pack of staff: %v %v", err, v.Problems)
	}
	actor.Workspace = "elsewhere"
	out.Reset()
	if m, _, err = maker(l).Write(access.With(ctx, actor), &out); err != nil || m.Entries != 0 {
		t.Errorf("another workspace sees %d entries (%v)", m.Entries, err)
	}
}

func FuzzNoArchiveBreaksTheVerification(f *testing.F) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	if err := text("manifest.json", `{"form":"holdfast-audit-pack/1","files":[]}`)(z); err != nil {
		f.Fatal(err)
	}
	if err := z.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := pack.Verify("x.zip", bytes.NewReader(raw), int64(len(raw)))
		if err == nil && v.Manifest.Head.Seq == 0 && len(v.Problems) == 0 {
			t.Error("an archive without a journal is called whole")
		}
	})
}
