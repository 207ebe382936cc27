package cli

import (
	"fmt"
	"os"

	audit "holdfast/report/pack"
)

// verifyPack checks an audit pack with nothing but the file. A fingerprint that was
// given by another way has to be that of the pack.
func (c *cmdline) verifyPack(path, fingerprint, format string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	v, err := audit.Verify(path, f, info.Size())
	if err != nil {
		return err
	}
	if fingerprint != "" && fingerprint != v.Fingerprint {
		v.Problems = append(v.Problems, audit.Problem{Path: "manifest.json", What: "changed", Text: "the pack has the fingerprint " + v.Fingerprint + ", not the one that was given"})
	}
	err = c.print(format, v, func() error { return c.packTable(v) })
	switch {
	case err != nil:
		return err
	case len(v.Problems) > 0:
		return &exit{Failure, fmt.Sprintf("the pack does not hold: %d problems", len(v.Problems))}
	}
	c.say("The pack is whole: %d files and %d entries of the journal. Compare the fingerprint with the one that you were given.", v.Checked, v.Entries)
	return nil
}

func (c *cmdline) packTable(v audit.Verdict) error {
	m := v.Manifest
	if _, err := fmt.Fprintf(c.Out, "Audit pack of %s, made on %s\nJournal      entry %d, %s\nFingerprint  %s\n", oneLine(m.Organisation), oneLine(m.Day), m.Head.Seq, oneLine(m.Head.Hash), v.Fingerprint); err != nil {
		return err
	}
	if len(v.Problems) == 0 {
		return nil
	}
	t := table{head: []string{"", "FILE", "WHAT IS WRONG"}}
	for _, p := range v.Problems {
		t.add(p.What, oneLine(p.Path), oneLine(p.Text))
	}
	return t.write(c.Out)
}
