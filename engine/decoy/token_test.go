package decoy

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	_ "image/gif"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"golang.org/x/crypto/ssh"

	"holdfast/isms"
	"holdfast/testkit/clients"
)

func newID(t testing.TB) string {
	t.Helper()
	id, err := NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

var place = Place{Base: "https://files.example.org/share", Zone: "c.example.org", Host: "login.example.org"}

func TestTheKindsOfTokenAreThoseOfTheRecords(t *testing.T) {
	var names []string
	for _, c := range isms.TrapType("").Choices() {
		if !isms.TrapType(c.Value).Decoy() {
			names = append(names, c.Value)
		}
	}
	got := TokenKinds()
	slices.Sort(names)
	slices.Sort(got)
	if !slices.Equal(got, names) {
		t.Errorf("tokens %v, records know %v", got, names)
	}
}

func TestAnIDIsRandomAndItsShapeIsCheckedBeforeAnythingIsLookedUp(t *testing.T) {
	a, b := newID(t), newID(t)
	if a == b || len(a) != idLetters || !isID(a) {
		t.Errorf("%s, %s", a, b)
	}
	if _, err := NewID(bytes.NewReader(make([]byte, idRandom-1))); err == nil {
		t.Error("an id was made of too little randomness")
	}
	chance := 0
	for range 5000 {
		raw := make([]byte, 17)
		rand.Read(raw)
		if isID(idEncoding.EncodeToString(raw)[:idLetters]) {
			chance++
		}
	}
	if chance > 30 {
		t.Errorf("%d of 5000 chance words pass for ids", chance)
	}
	if Hash(a) == Hash(b) || strings.Contains(Hash(a), a) || len(Hash(a)) != 64 {
		t.Error("the hash of an id tells the id, or nothing")
	}
}

func TestEveryTokenIsMadeTheSameTwiceAndFoundInItself(t *testing.T) {
	for _, kind := range TokenKinds() {
		id := newID(t)
		a, err := Make(kind, id, place)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		b, _ := Make(kind, id, place)
		other, _ := Make(kind, newID(t), place)
		if !bytes.Equal(a.Data, b.Data) || bytes.Equal(a.Data, other.Data) {
			t.Errorf("%s: the same id makes other bytes, or another id the same", kind)
		}
		if a.Kind != kind || a.ID != id || a.Name == "" || a.Type == "" || a.Value == "" || strings.Count(a.Advice, ".") < 1 || !strings.HasSuffix(a.Advice, ".") {
			t.Errorf("%s: %+v", kind, a)
		}
		text := string(a.Data) + " " + a.Value
		if kind == "document" {
			text = docxPart(t, a.Data, "word/_rels/document.xml.rels")
		}
		if !slices.Contains(RecogniseText(text), id) {
			t.Errorf("%s does not lead back to %s", kind, id)
		}
		for _, mark := range a.Marks {
			if !slices.Contains(RecogniseText("key "+mark+" /20260101"), mark) {
				t.Errorf("the mark %s is not recognised", mark)
			}
		}
	}
}

func TestATokenThatCannotRingIsNotMade(t *testing.T) {
	id := newID(t)
	for _, c := range []struct {
		kind, id string
		p        Place
	}{
		{"web_link", id, Place{}}, {"web_link", id, Place{Zone: "c.example.org"}}, {"dns_name", id, Place{Base: "https://x.example"}},
		{"database_row", id, Place{}}, {"page_clone", id, Place{Base: "https://x.example"}}, {"password", id, place}, {"web_link", "abc", place},
		{"web_link", id, Place{Base: "ftp://x.example"}}, {"web_link", id, Place{Base: "javascript:alert(1)"}}, {"web_link", id, Place{Base: "https://u:p@x.example"}},
		{"web_link", id, Place{Base: "https://x.example/?a=b"}}, {"dns_name", id, Place{Zone: "c..example"}}, {"dns_name", id, Place{Zone: "c.exa mple"}},
		{"document", id, Place{Base: "https://x.example", Format: "exe"}}, {"page_clone", id, Place{Base: "https://x.example", Host: `x"</script>`}},
	} {
		if _, err := Make(c.kind, c.id, c.p); err == nil {
			t.Errorf("%+v was made", c)
		}
	}
	if _, err := Make("qr_code", id, Place{Base: "https://x.example/" + strings.Repeat("a", 120)}); err != nil {
		t.Errorf("a long address has no QR code: %v", err)
	}
}

func TestAFakeCloudKeyCanBeNobodysKey(t *testing.T) {
	for range 50 {
		tok, err := Make("cloud_key", newID(t), place)
		if err != nil {
			t.Fatal(err)
		}
		key := tok.Marks[0]
		if len(key) != 20 || !strings.HasPrefix(key, "AKIA") || !strings.ContainsAny(key[4:], "0189") || strings.ToUpper(key) != key {
			t.Errorf("%s could be somebody's", key)
		}
	}
	if found := RecogniseText("AKIAIOSFODNN7EXAMPLE and AKIAABCDEFGHIJKLMNOP"); len(found) > 0 {
		t.Errorf("keys that may be real are taken for ours: %v", found)
	}
}

// touch sends a request to a server and returns what it recognises.
func touch(t *testing.T, change func(*http.Request), path string) (Hit, bool) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://files.example.org"+path, nil)
	r.RemoteAddr = "192.0.2.7:5555"
	r.Header.Set("User-Agent", "curl/8.5\x1b[2J")
	if change != nil {
		change(r)
	}
	return Recognise(r)
}

func TestAHitTellsWhichTokenAndWho(t *testing.T) {
	id := newID(t)
	cloud, err := Make("cloud_key", id, place)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		path   string
		how    string
		id     string
	}{
		{"path", nil, "/share/" + id + "/logo.png", "path", id},
		{"upper case", nil, "/share/" + strings.ToUpper(id), "path", id},
		{"query", nil, "/?x=" + id, "query", id},
		{"host", func(r *http.Request) { r.Host = "vault." + id + ".c.example.org:443" }, "/", "host", id},
		{"bearer", func(r *http.Request) { r.Header.Set("Authorization", "Bearer tok_"+id) }, "/v1", "authorization", id},
		{"basic", func(r *http.Request) { r.SetBasicAuth("tok_"+id, "") }, "/v1", "authorization", id},
		{"cloud", func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+cloud.Marks[0]+"/20260101/eu-central-1/s3/aws4_request")
		}, "/v1", "authorization", cloud.Marks[0]},
	} {
		hit, ok := touch(t, c.change, c.path)
		if !ok || hit.ID != c.id || hit.How != c.how || hit.Remote != "192.0.2.7:5555" || hit.Agent != `curl/8.5\x1b[2J` {
			t.Errorf("%s: %+v, %v", c.name, hit, ok)
		}
	}
	hit, ok := touch(t, nil, "/share/"+id+"/pixel.gif?at="+url.QueryEscape("https://evil.example/login"))
	if !ok || hit.From != "https://evil.example/login" {
		t.Errorf("a clone: %+v", hit)
	}
	for _, path := range []string{"/", "/share/", "/share/" + id[:25], "/share/" + id + "a", "/share/" + id[:25] + "!", "/" + strings.Repeat("a", 26)} {
		if hit, ok := touch(t, nil, path); ok {
			t.Errorf("%s rings: %+v", path, hit)
		}
	}
}

func TestAWebDecoyIsACallbackForTokens(t *testing.T) {
	s := stand(t, "http", Options{}, Limits{})
	tok, err := Make("document", newID(t), Place{Base: "http://" + s.at})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(tok.Value)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if _, format, err := image.Decode(bytes.NewReader(body)); err != nil || format != "gif" {
		t.Errorf("the image of a document is %q, %v", body, err)
	}
	expect(t, "tokens", strings.Join(s.visit(t).Tokens, " "), tok.ID)
}

func docxPart(t *testing.T, data []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestADocumentFetchesItsImageAndHoldsItsTitleAsText(t *testing.T) {
	id := newID(t)
	p := place
	p.Title = `Board <minutes> & "pay"`
	tok, err := Make("document", id, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/_rels/document.xml.rels"} {
		for d := xml.NewDecoder(strings.NewReader(docxPart(t, tok.Data, part))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", part, err)
			}
		}
	}
	if !strings.Contains(docxPart(t, tok.Data, "word/document.xml"), "Board &lt;minutes&gt; &amp;") || !strings.Contains(docxPart(t, tok.Data, "word/_rels/document.xml.rels"), `Target="https://files.example.org/share/`+id+`/logo.png" TargetMode="External"`) {
		t.Error("title or image is not there")
	}
	p.Format = "pdf"
	tok, err = Make("document", id, p)
	if err != nil || tok.Name != "Board_minutes__pay.pdf" {
		t.Fatal(tok.Name, err)
	}
	program := clients.Need(t, "poppler-utils", "pdftotext")
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, tok.Data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, file, "-").CombinedOutput()
	if err != nil || !strings.Contains(string(out), `Board <minutes> & "pay"`) || strings.Contains(string(out), "Error") {
		t.Errorf("%s, %v", out, err)
	}
}

func TestAnSSHKeyIsAKeyAndItsFingerprintIsItsMark(t *testing.T) {
	tok, err := Make("ssh_key", newID(t), place)
	if err != nil {
		t.Fatal(err)
	}
	if program, err := exec.LookPath("ssh-keygen"); err == nil {
		file := filepath.Join(t.TempDir(), "id")
		if err := os.WriteFile(file, tok.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(program, "-lf", file).CombinedOutput(); err != nil || !strings.Contains(string(out), tok.Marks[0]+" "+tok.Value) {
			t.Errorf("ssh-keygen: %s, %v", out, err)
		}
	}
	signer, err := ssh.ParsePrivateKey(tok.Data)
	if err != nil || ssh.FingerprintSHA256(signer.PublicKey()) != tok.Marks[0] {
		t.Fatal(err, tok.Marks)
	}
	s := stand(t, "ssh", Options{}, Limits{})
	ssh.Dial("tcp", s.at, &ssh.ClientConfig{User: "backup", HostKeyCallback: ssh.InsecureIgnoreHostKey(), Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}})
	if v := s.visit(t); !slices.Contains(v.Tokens, tok.Marks[0]) {
		t.Errorf("a decoy does not know the key: %+v", v)
	}
}

func TestAKubeconfigIsRead(t *testing.T) {
	tok, err := Make("kubeconfig", newID(t), place)
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Clusters []struct{ Cluster struct{ Server string } }
		Users    []struct{ User struct{ Token string } }
	}
	if err := yaml.Unmarshal(tok.Data, &config); err != nil || config.Clusters[0].Cluster.Server != "https://files.example.org/share/"+tok.ID || config.Users[0].User.Token != "tok_"+tok.ID {
		t.Errorf("%+v, %v", config, err)
	}
}

// picture draws a symbol with the quiet zone, so large that a camera could read it.
func picture(m [][]bool) image.Image {
	const scale, quiet = 6, 4
	side := (len(m) + 2*quiet) * scale
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			mx, my := x/scale-quiet, y/scale-quiet
			shade := color.Gray{Y: 255}
			if mx >= 0 && my >= 0 && mx < len(m) && my < len(m) && m[my][mx] {
				shade.Y = 0
			}
			img.SetGray(x, y, shade)
		}
	}
	return img
}

func TestAScannerReadsEveryVersionOfAQRCode(t *testing.T) {
	program := clients.Need(t, "zbar-tools", "zbarimg")
	for _, n := range []int{1, 14, 15, 26, 27, 42, 60, 80, 100, 120, 150, 180, 212, 213} {
		text := strings.Repeat("https://x.example/a?b=1&c=2;", 10)[:n]
		m, err := qrMatrix(text)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "qr.png")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, picture(m)); err != nil {
			t.Fatal(err)
		}
		f.Close()
		out, err := exec.Command(program, "-q", "--raw", file).Output()
		if got := strings.TrimSuffix(string(out), "\n"); err != nil || got != text {
			t.Errorf("%d bytes, side %d: read %q, %v", n, len(m), got, err)
		}
	}
}

func TestAQRCodeHoldsItsDataAndIsAnImage(t *testing.T) {
	if _, err := QRCode(strings.Repeat("x", 214)); err == nil {
		t.Error("a text that is too long was drawn")
	}
	svg, err := QRCode("HTTPS://X.EXAMPLE")
	if err != nil || !strings.HasPrefix(string(svg), "<svg ") || xml.Unmarshal(svg, new(struct{})) != nil {
		t.Errorf("%s, %v", svg, err)
	}
	// The remainder of a codeword by its generator is nothing: the law of the code.
	data := []byte("a codeword of some length")
	check := reedSolomon(data, 18)
	if rest := reedSolomon(append(slices.Clone(data), check...), 18); !bytes.Equal(rest, make([]byte, 18)) {
		t.Errorf("rest %x", rest)
	}
	// The example of ISO/IEC 18004, annex I: 01234567 as version 1-M.
	want := []byte{0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55}
	if got := reedSolomon([]byte{0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11}, 10); !bytes.Equal(got, want) {
		t.Errorf("correction %x, want %x", got, want)
	}
}

// Scanners mend a wrong format or version, so that reading the symbol does not show it.
func TestFormatAndVersionOfAQRCodeAreThoseOfTheStandard(t *testing.T) {
	q := newQR(7, qrVersions[6])
	q.format(5)
	for i := range 15 {
		want := 0b100000011001110>>i&1 == 1 // ISO/IEC 18004, 7.9: level M, mask 101
		second := q.dark[8][q.side-1-min(i, 7)]
		if i >= 8 {
			second = q.dark[q.side-15+i][8]
		}
		if i < 6 && q.dark[i][8] != want || second != want {
			t.Errorf("bit %d of the format is wrong", i)
		}
	}
	for i := range 18 {
		want := 0b000111110010010100>>i&1 == 1 // annex D: version 7
		if q.dark[i/3][q.side-11+i%3] != want || q.dark[q.side-11+i%3][i/3] != want {
			t.Errorf("bit %d of the version is wrong", i)
		}
	}
}

func FuzzRecogniseText(f *testing.F) {
	id, _ := NewID(counter{})
	f.Add("x " + id + " AKIA0BCDEFGHIJKLMNOP SHA256:" + strings.Repeat("Ab/+", 10) + "xyz")
	f.Fuzz(func(t *testing.T, text string) {
		for _, found := range RecogniseText(text) {
			if !strings.Contains(strings.ToLower(text), strings.ToLower(found)) {
				t.Errorf("%q was found in %q", found, text)
			}
		}
	})
}
