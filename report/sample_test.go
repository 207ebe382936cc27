package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"holdfast/report/chart"
)

// sample is a document with everything in it, as a consultant would deliver it.
func sample() Document {
	d := Document{
		Title: "Risk assessment report", Subtitle: "Where Harbour & Quay stands, what it would cost, and what to do first",
		Organisation: "Harbour & Quay Ltd", Version: "1.4", Date: time.Date(2026, 6, 15, 10, 0, 0, 0, time.UTC),
		Classification: "Confidential", Status: "Approved",
		Properties: []Property{{"Owner", "Ines Okafor, security lead"}, {"Approved by", "Steering committee, 12 June 2026"}, {"Next review", "15 December 2026"}},
	}
	d.Blocks = append(d.Blocks, Toc{Depth: 3}, PageBreak{})
	d.Blocks = append(d.Blocks, sampleSummary()...)
	d.Blocks = append(d.Blocks, sampleRisks()...)
	d.Blocks = append(d.Blocks, sampleControls()...)
	d.Blocks = append(d.Blocks, samplePolicy()...)
	return d
}

func gbp(v float64) string { return chart.Money(v, "GBP") }

func sampleSummary() []Block {
	before := []float64{0.64, 0.61, 0.42}
	return []Block{
		Heading{Level: 1, Text: "Summary for the steering committee", ID: "summary"},
		Paragraph{Rich("We expect security incidents to cost **£190k** in the coming year. That is *inside* the tolerance of £250k, but the bad years are not: one year in twenty costs more than **£800k**, which is above the limit that the committee set. Three safeguards bring it back below. The method is described in [chapter 2](#risks); the field's words follow [NIST CSF 2.0](https://www.nist.gov/cyberframework).")},
		KeyFigures{[]KeyFigure{
			{Value: "£190k", Label: "expected loss per year", Note: "£84k in the middle year"},
			{Value: "£800k", Label: "loss of one year in twenty", Note: "limit: £600k", Tone: High},
			{Value: "34", Label: "open findings", Note: "3 critical, 11 high"},
			{Value: "71 %", Label: "safeguards that operate", Note: "+7 points since March"},
		}},
		Callout{Title: "Decision asked", Blocks: []Block{
			Paragraph{Rich("Approve **£46,000** a year for three safeguards. They lower the expected loss by £118k a year and bring the loss of one year in twenty to £390k.")},
			Items("Offline backup of the file server, restored every quarter (£18,000)", "Macros blocked by policy on all workstations (£4,000)", "Watch on the mail gateway with canary files (£24,000)"),
		}},
		Heading{Level: 2, Text: "Posture along the four principles"},
		Figure{Chart: chart.Dials{Title: "Posture along the four principles", Dials: []chart.Dial{
			{Name: "Make disruption difficult", Value: 0.71, Before: &before[0], Note: "11 of 16 safeguards operate"},
			{Name: "Make compromise difficult", Value: 0.58, Before: &before[1], Note: "34 open findings"},
			{Name: "Make detection easier", Value: 0.42, Before: &before[2], Note: "6 of 14 paths watched"},
			{Name: "Reduce impact", Value: math.NaN(), Note: "no exercise yet"}}}, Caption: "Share of what each principle asks for that is in place, and the value in March"},
		Heading{Level: 2, Text: "What a year may cost"},
		Figure{Chart: chart.LossExceedance{Title: "Loss exceedance of the portfolio", Currency: "GBP",
			Curves: []chart.Curve{smooth("Inherent", chart.Inherent, 0.93, 260e3, 1.3), smooth("Current", chart.Now, 0.72, 120e3, 1.2), smooth("After the plan", chart.Planned, 0.45, 60e3, 1.1)},
			Marks:  []chart.Mark{{Name: "Appetite", Amount: 250e3}, {Name: "Limit", Amount: 600e3}, {Name: "Capacity", Amount: 2e6}},
			Levels: []chart.Probability{{Name: "One year in ten", Chance: 0.1}}}, Caption: "How likely a year is to cost more than an amount"},
		Why{Figure: "Why £182k for ransomware on the file server?", Formula: "ALE = EAE × SLE = 0.13 events per year × £1.4m",
			Inputs: []Input{{"Asset value", "£1.4m", "business impact assessment, I. Okafor, 3 May 2026"}, {"Exposure factor", "0.8 to 1.0", "estimated by the owner, 90 % interval"}, {"Events per year", "0.05 to 0.3", "measured: 2 blocked attempts in 9 months, mail gateway log"}}},
	}
}

// smooth is a loss-exceedance curve of a lognormal loss that comes with a frequency.
func smooth(name string, role chart.Role, frequency, median, spread float64) chart.Curve {
	c := chart.Curve{Name: name, Role: role}
	for loss := 1000.0; loss < 2e7; loss *= 1.2 {
		c.Points = append(c.Points, chart.Exceedance{Loss: loss, Chance: frequency / 2 * math.Erfc(math.Log(loss/median)/spread/math.Sqrt2)})
	}
	return c
}

func sampleRisks() []Block {
	register := Table{Caption: "Risk register, by expected loss", Columns: []Column{{Name: "Risk"}, {Name: "Scenario", Width: 0.4}, {Name: "Severity"}, {Name: "Loss per year", Align: Right}, {Name: "Treatment"}}}
	words := []string{"low", "medium", "high", "critical"}
	scenarios := []string{"A crew phishes a clerk, runs macros and encrypts the file server.", "A flaw in the web shop gives away the data of customers.", "A supplier is down for three days at the end of the quarter.", "A laptop without encryption is left on a train."}
	register.Rows = append(register.Rows, Row{Group: true, Cells: []Cell{{Text: Plain("Above appetite")}}})
	for i := range 26 {
		if i == 9 {
			register.Rows = append(register.Rows, Row{Group: true, Cells: []Cell{{Text: Plain("Inside appetite")}}})
		}
		w := words[3-min(i/7, 3)]
		register.Rows = append(register.Rows, Row{Cells: []Cell{{Text: Plain(fmt.Sprintf("R%d", i+1))}, {Text: Plain(scenarios[i%4])}, {Text: Plain(w), Tone: Severity(w)}, {Text: Plain(gbp(182e3 / float64(i+1)))}, {Text: Plain([]string{"reduce", "share", "accept"}[i%3])}}})
	}
	steps := []string{"Negligible", "Minor", "Moderate", "Major", "Severe"}
	return []Block{
		PageBreak{},
		Heading{Level: 1, Text: "Risks", ID: "risks"},
		Heading{Level: 2, Text: "The matrix"},
		Paragraph{Plain("Every risk is a scenario: an actor, through a vector, uses a weakness to harm an asset. The matrix shows where the risks of the register fall after the safeguards that operate today.")},
		Figure{Chart: chart.HeatMap{Title: "Risks by probability and impact", Impact: steps, Probability: []string{"Rare", "Unlikely", "Possible", "Likely", "Almost certain"},
			Risks: []chart.Placed{{Label: "R1", Name: "Ransomware", Probability: 3, Impact: 4}, {Label: "R2", Name: "Web shop", Probability: 2, Impact: 4}, {Label: "R3", Name: "Supplier", Probability: 2, Impact: 3}, {Label: "R4", Name: "Laptop", Probability: 3, Impact: 1}, {Label: "R5", Name: "Fire", Probability: 0, Impact: 4}}},
			Caption: "Five risks above appetite"},
		Heading{Level: 2, Text: "The worst scenario"},
		Figure{Chart: chart.Chain{Title: "How the file server could fall", Actor: chart.Link{Name: "Ransomware crew", Details: []string{"motivation: money", "capability: high"}}, Vector: chart.Link{Name: "Phishing with a weaponised document", Details: []string{"T1566.001, T1204.002"}},
			Weakness: chart.Link{Name: "Macros run from mail attachments", Details: []string{"configuration weakness"}}, Asset: chart.Link{Name: "File server", Details: []string{"value £1.4m", "confidentiality, availability"}},
			Safeguards: []chart.Guard{{Name: "Mail filter with sandbox", At: chart.AtVector, Operating: true}, {Name: "Block macros by policy", At: chart.AtWeakness}, {Name: "Offline backup, restored every quarter", At: chart.AtAsset, Operating: true}},
			Defence:    &chart.Link{Name: "Steering committee", Details: []string{"risk appetite: cautious; limit £600k per year"}}}, Caption: "From the actor to the asset, with the safeguards in between"},
		Figure{Chart: chart.Graph{Title: "What the file server depends on", Nodes: []chart.Node{{ID: "fs", Name: "File server", Kind: "service", Strong: true}, {ID: "ad", Name: "Directory", Kind: "service"}, {ID: "vm", Name: "host-07", Kind: "host"}, {ID: "san", Name: "Storage", Kind: "host"}, {ID: "net", Name: "Core network", Kind: "network"}},
			Edges: []chart.Edge{{From: "fs", To: "ad"}, {From: "fs", To: "vm"}, {From: "vm", To: "san"}, {From: "ad", To: "vm"}, {From: "san", To: "net"}, {From: "ad", To: "net"}}}, Caption: "What the file server depends on"},
		Heading{Level: 2, Text: "The register"},
		register,
		Heading{Level: 2, Text: "Where the money goes"},
		Figure{Chart: chart.Bars{Title: "Expected yearly loss by risk", Format: gbp, Rows: []chart.Row{{Name: "Ransomware on the file server", Values: []float64{182e3}}, {Name: "Leak of customer data through the web shop", Values: []float64{96e3}}, {Name: "Phishing of finance", Values: []float64{41e3}}, {Name: "Lost laptop", Values: []float64{3200}}}}, Caption: "Four risks make up nine tenths of the expected loss", WithTable: true},
		Figure{Chart: chart.Histogram{Title: "Simulated yearly loss", Currency: "GBP", Bins: bell(), None: 2800, Marks: []chart.Mark{{Name: "P50", Amount: 84e3}, {Name: "P90", Amount: 470e3}, {Name: "P95", Amount: 800e3}}}, Caption: "Ten thousand simulated years"},
	}
}

func bell() []chart.Bin {
	var out []chart.Bin
	for i := range 36 {
		from := math.Pow(10, 3.5+float64(i)*0.1)
		x := (3.5 + float64(i)*0.1 - 5.1) / 0.5
		out = append(out, chart.Bin{From: from, To: from * math.Pow(10, 0.1), Count: int(574 * math.Exp(-x*x/2))})
	}
	return out
}

func sampleControls() []Block {
	soa := Table{Caption: "Statement of applicability, excerpt", Columns: []Column{{Name: "Requirement"}, {Name: "Title", Width: 0.36}, {Name: "Applies", Align: Centre}, {Name: "Reason"}, {Name: "State"}}}
	for i := range 18 {
		soa.Rows = append(soa.Rows, Row{Cells: []Cell{{Text: Text{{Text: fmt.Sprintf("A.8.%d", i+1), Code: true}}}, {Text: Plain([]string{"End-user devices are known, hardened and encrypted", "Privileged access is granted for a time and reviewed", "Malware is kept out and found"}[i%3])}, {Text: Plain([]string{"yes", "yes", "no"}[i%3])}, {Text: Plain([]string{"Risk R4; contract with the port authority", "Risk R1", "No such system in scope"}[i%3])}, {Text: Plain([]string{"met", "partly", "–"}[i%3]), Tone: []Tone{Accent, Faint, Neutral}[i%3]}}})
	}
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	return []Block{
		PageBreak{},
		Heading{Level: 1, Text: "Safeguards and the way there"},
		soa,
		Heading{Level: 2, Text: "Roadmap"},
		Figure{Chart: chart.Timeline{Title: "Roadmap", Today: day(6, 15), Milestones: []chart.Milestone{{Name: "Objectives agreed", At: day(1, 12), Done: true}, {Name: "Scope", At: day(3, 9), Done: true}, {Name: "Risk assessment", At: day(5, 20), Done: true}, {Name: "Policies in force", At: day(8, 24)}, {Name: "Internal audit", At: day(12, 14)}}}, Caption: "Milestones to the end of the year"},
		Figure{Chart: chart.Bars{Title: "Findings by system", Parts: []chart.Part{{Name: "Critical", Colour: chart.Critical}, {Name: "High", Colour: chart.High}, {Name: "Medium", Colour: chart.Medium}, {Name: "Low", Colour: chart.Low}},
			Rows: []chart.Row{{Name: "Web shop", Values: []float64{2, 7, 18, 9}}, {Name: "Mail gateway", Values: []float64{0, 3, 6, 12}}, {Name: "Build server", Values: []float64{1, 1, 4, 2}}}}, Caption: "Open findings by system and severity"},
		Figure{Chart: chart.Donut{Title: "Findings by state", Unit: "findings", Slices: []chart.Slice{{Name: "Open", Value: 128}, {Name: "Mitigated", Value: 64}, {Name: "Accepted", Value: 12}, {Name: "Resolved", Value: 301}}}, Caption: "Findings by state"},
		Heading{Level: 2, Text: "Words used here"},
		Definitions{[]Definition{{"Appetite", Plain("How much loss per year the organisation is ready to bear in pursuit of its aims.")}, {"Single loss expectancy", Rich("What one event costs: `SLE = AV × EF`, the value of the asset times the share of it that is lost.")}, {"Safeguard", Plain("A measure that lowers how often harm comes, or how much it costs.")}}},
		Callout{Title: "Three critical findings are overdue", Tone: Critical, Blocks: []Block{Paragraph{Plain("The web shop answers to the whole internet with a version that is being exploited. The due date was 1 June.")}}},
		Quote{Text: Plain("We would rather lose a day of sales than the trust of a single port."), Source: "Chair of the steering committee"},
	}
}

const samplePolicyText = "# Access control policy\n\nEverybody works with **the least rights** that the task needs; nobody shares an account. See `sudo -l` and [the guide](https://example.org/guide).\n\n## Rules\n\n1. Access is asked for by the line manager.\n2. Access is reviewed *every quarter*:\n   - privileged accounts by the security lead,\n   - all others by their owner.\n3. Access ends with the contract.\n\n> Exceptions end after ninety days.\n\n```\nPermitRootLogin no\nAllowGroups     admins\n```\n\n| Role | Reviewed by | Days |\n|:-----|:-----------:|-----:|\n| Administrator | security lead | 90 |\n| Member of staff | owner of the system | 180 |\n\nText in other scripts stays readable: Ελληνικά, Кириллица, żółć, ≤ 5 → done, €450k – “quoted”, שלום 123.\n"

func samplePolicy() []Block {
	blocks, err := Markdown(samplePolicyText, 1)
	if err != nil {
		panic(err)
	}
	return append([]Block{PageBreak{}}, blocks...)
}

// long is a document of about n pages.
func long(n int) Document {
	d := sample()
	d.Blocks = []Block{Toc{}, PageBreak{}}
	words := strings.Repeat("The owner reviews the access of every member of staff once a quarter and writes down what was found. ", 6)
	for i := range n {
		d.Blocks = append(d.Blocks, Heading{Level: 1 + i%2, Text: fmt.Sprintf("Chapter %d", i+1)}, Paragraph{Plain(words)}, Paragraph{Rich("**Note.** " + words)})
		t := Table{Columns: []Column{{Name: "Requirement"}, {Name: "What it asks for"}, {Name: "State"}, {Name: "Loss", Align: Right}}}
		for j := range 14 {
			t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: Plain(fmt.Sprintf("A.%d.%d", i, j))}, {Text: Plain("Access to systems is granted by role and reviewed.")}, {Text: Plain("high"), Tone: High}, {Text: Plain(gbp(float64(1000 * (j + 1))))}}})
		}
		d.Blocks = append(d.Blocks, t)
	}
	return d
}
