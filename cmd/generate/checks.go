package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"holdfast/engine"
)

// checksPage is the reference of all configuration checks, by topic in the order
// of the list.
func checksPage(list []engine.Check) []byte {
	var topics []string
	for _, c := range list {
		if !slices.Contains(topics, c.Topic) {
			topics = append(topics, c.Topic)
		}
	}
	var b bytes.Buffer
	b.WriteString("# Configuration checks\n\n" + notice + "\n")
	fmt.Fprintf(&b, "%d checks. Each says what is wrong, what an attacker gains, how to repair it, and when to leave it. The lines of a remedy run as root and may be run twice.\n", len(list))
	for _, topic := range topics {
		fmt.Fprintf(&b, "\n## %s\n", heading(topic))
		for _, c := range list {
			if c.Topic == topic {
				checkSection(&b, c)
			}
		}
	}
	return b.Bytes()
}

func checkSection(b *bytes.Buffer, c engine.Check) {
	fmt.Fprintf(b, "\n### %s\n\n**%s.** Severity %s, principle `%s`", c.ID, prose(strings.TrimSuffix(c.Title, ".")), c.Severity, c.Principle)
	if c.CWE != "" {
		fmt.Fprintf(b, ", %s", c.CWE)
	}
	if len(c.Techniques) > 0 {
		fmt.Fprintf(b, ", ATT&CK %s", strings.Join(c.Techniques, ", "))
	}
	fmt.Fprintf(b, ".\n\n- Why: %s\n- Repair: %s\n", prose(c.Why), prose(c.Fix))
	if c.FalsePositives != "" {
		fmt.Fprintf(b, "- When to leave it: %s\n", prose(c.FalsePositives))
	}
	if len(c.References) > 0 {
		fmt.Fprintf(b, "- See also: %s\n", prose(strings.Join(c.References, "; ")))
	}
	if c.Remedy != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", strings.TrimRight(c.Remedy, "\n"))
	}
}
