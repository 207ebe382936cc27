package pack

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"holdfast/journal"
	"holdfast/kind"
)

// Bounds of a pack that is verified. What is larger is refused before it is read.
const (
	maxFiles    = 200_000
	maxTotal    = 16 << 30 // bytes, unpacked
	maxManifest = 64 << 20
	maxLine     = 32 << 20 // of one entry of the journal
)

// A Verdict is what was found out about a pack.
type Verdict struct {
	Manifest    Manifest  `json:"manifest"`
	Fingerprint string    `json:"fingerprint"` // SHA-256 of the manifest
	Checked     int       `json:"checked"`     // files whose content is as the manifest says
	Entries     int64     `json:"entries"`     // of the journal that follow each other
	Problems    []Problem `json:"problems"`    // none: the pack is whole
}

// A Problem is one thing that is not as it was.
type Problem struct {
	Path string `json:"path"`
	What string `json:"what"` // changed, missing, added or journal
	Text string `json:"text"`
}

func (v *Verdict) say(path, what, format string, args ...any) {
	v.Problems = append(v.Problems, Problem{path, what, fmt.Sprintf(format, args...)})
}

// Verify checks a pack with nothing but its bytes: every file against the manifest,
// and the chain of the journal. A pack that was tampered with gives a verdict with
// problems; what is no pack at all, or one made to do harm, gives an error.
func Verify(name string, in io.ReaderAt, size int64) (Verdict, error) {
	files, err := open(name, in, size)
	if err != nil {
		return Verdict{}, err
	}
	raw, err := manifestOf(name, files)
	if err != nil {
		return Verdict{}, err
	}
	sum := sha256.Sum256(raw)
	v := Verdict{Fingerprint: hex.EncodeToString(sum[:]), Problems: []Problem{}}
	if err := json.Unmarshal(raw, &v.Manifest); err != nil {
		return v, kind.Errorf(kind.Invalid, "%s: %s cannot be read: %w", name, manifestFile, err)
	}
	if v.Manifest.Form != form {
		return v, kind.Errorf(kind.Invalid, "%s: is of the form %q, this program knows %q; use the program that made it, or a newer one", name, v.Manifest.Form, form)
	}
	if err := v.files(name, files); err != nil {
		return v, err
	}
	v.journal(files)
	slices.SortStableFunc(v.Problems, func(a, b Problem) int { return cmp.Compare(a.Path, b.Path) })
	return v, nil
}

// open reads the table of a ZIP and refuses what no pack of ours has.
func open(name string, in io.ReaderAt, size int64) (map[string]*zip.File, error) {
	z, err := zip.NewReader(in, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, kind.Errorf(kind.Invalid, "%s: is not a ZIP archive, or its end is missing: %w", name, err)
	}
	if len(z.File) > maxFiles {
		return nil, kind.Errorf(kind.TooLarge, "%s: holds more than %d files", name, maxFiles)
	}
	files, total := map[string]*zip.File{}, uint64(0)
	for _, f := range z.File {
		if !fs.ValidPath(f.Name) || strings.ContainsAny(f.Name, `\:`) || !f.Mode().IsRegular() {
			return nil, kind.Errorf(kind.Invalid, "%s: %q is no file of a pack; it leads out of its folder, or is none", name, f.Name)
		}
		if files[f.Name] != nil {
			return nil, kind.Errorf(kind.Invalid, "%s: %q is there twice, and nobody can tell which one a reader sees", name, f.Name)
		}
		files[f.Name] = f
		if total += f.UncompressedSize64; total > maxTotal || f.UncompressedSize64 > maxTotal {
			return nil, kind.Errorf(kind.TooLarge, "%s: unpacks to more than %d GB", name, maxTotal>>30)
		}
	}
	return files, nil
}

func manifestOf(name string, files map[string]*zip.File) ([]byte, error) {
	f := files[manifestFile]
	if f == nil {
		return nil, kind.Errorf(kind.Invalid, "%s: holds no %s, so it is no audit pack", name, manifestFile)
	}
	r, err := f.Open()
	if err != nil {
		return nil, kind.Errorf(kind.Invalid, "%s: %s cannot be read: %w", name, manifestFile, err)
	}
	defer r.Close() //nolint:errcheck // it was only read
	raw, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err != nil {
		return nil, kind.Errorf(kind.Invalid, "%s: %s cannot be read: %w", name, manifestFile, err)
	}
	if len(raw) > maxManifest {
		return nil, kind.Errorf(kind.TooLarge, "%s: %s is larger than %d MB", name, manifestFile, maxManifest>>20)
	}
	return raw, nil
}

// files compares every file with the manifest. No more of a file is read than the
// manifest says that it has.
func (v *Verdict) files(name string, files map[string]*zip.File) error {
	listed := map[string]bool{manifestFile: true}
	for _, want := range v.Manifest.Files {
		if listed[want.Path] || want.Size < 0 {
			return kind.Errorf(kind.Invalid, "%s: %s lists %q twice, or with a size below nothing", name, manifestFile, want.Path)
		}
		listed[want.Path] = true
		f := files[want.Path]
		if f == nil {
			v.say(want.Path, "missing", "is in the manifest (%s), but not in the pack", want.What)
			continue
		}
		size, sum, err := digest(f, want.Size)
		switch {
		case err != nil:
			v.say(want.Path, "changed", "cannot be read: %s", err)
		case size != want.Size:
			v.say(want.Path, "changed", "has %s bytes, the manifest says %d", more(size, want.Size), want.Size)
		case sum != want.SHA256:
			v.say(want.Path, "changed", "has the hash %s, the manifest says %s", sum, want.SHA256)
		default:
			v.Checked++
		}
	}
	for path := range files {
		if !listed[path] {
			v.say(path, "added", "is in the pack, but not in the manifest")
		}
	}
	return nil
}

// more writes a size of which no more than one byte beyond the wanted was read.
func more(size, want int64) string {
	if size > want {
		return fmt.Sprintf("more than %d", want)
	}
	return fmt.Sprint(size)
}

func digest(f *zip.File, want int64) (int64, string, error) {
	r, err := f.Open()
	if err != nil {
		return 0, "", err
	}
	defer r.Close() //nolint:errcheck // it was only read
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(r, want+1))
	return n, hex.EncodeToString(h.Sum(nil)), err
}

// journal follows the chain from its last entry, which the manifest names, to its
// first.
func (v *Verdict) journal(files map[string]*zip.File) {
	f := files[journalFile]
	if f == nil {
		v.say(journalFile, "journal", "is not there: nothing proves of which state the pack was made")
		return
	}
	r, err := f.Open()
	if err != nil {
		v.say(journalFile, "journal", "cannot be read: %s", err)
		return
	}
	defer r.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	seq, hash, withheld := v.Manifest.Head.Seq, v.Manifest.Head.Hash, int64(0)
	for lines.Scan() {
		link, err := follow(lines.Bytes(), seq, hash)
		if err != nil {
			v.say(journalFile, "journal", "%s", err)
			return
		}
		if link.Withheld {
			withheld++
		}
		v.Entries++
		seq, hash = seq-1, link.Prev
	}
	switch {
	case lines.Err() != nil:
		v.say(journalFile, "journal", "cannot be read: %s", lines.Err())
	case seq != 0 || hash != "":
		v.say(journalFile, "journal", "ends before entry %d: its beginning was cut off", seq)
	case withheld != v.Manifest.Withheld:
		v.say(journalFile, "journal", "withholds the content of %d entries, the manifest says %d", withheld, v.Manifest.Withheld)
	}
}

// follow checks one entry, which has to have the number and the hash that the entry
// after it names.
func follow(line []byte, seq int64, hash string) (sealed, error) {
	var link sealed
	if err := json.Unmarshal(line, &link); err != nil {
		return link, fmt.Errorf("where entry %d should stand is something that is no entry", seq)
	}
	switch {
	case link.Seq != seq:
		return link, fmt.Errorf("where entry %d should stand is entry %d: one was removed, added or moved", seq, link.Seq)
	case link.Hash != hash:
		return link, fmt.Errorf("entry %d is not the one that the entry after it names: one of them was altered", seq)
	case link.Withheld:
		return link, nil
	}
	var e journal.Entry
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return link, fmt.Errorf("entry %d is no entry of a journal: %w", seq, err)
	}
	if e.Digest() != e.Hash {
		return link, fmt.Errorf("entry %d (%s %s %q) was altered: its content does not match its hash", e.Seq, e.Verb, e.Kind, e.Title)
	}
	return link, nil
}
