package page_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestResponseTimesStandMonthByMonthWithTheirAims(t *testing.T) {
	newWorld(t).as("ada@example.org").sees("/response-times", "Nothing was answered yet", "Plan an exercise")

	w := sampleWorld(t)
	v := w.as("ada@example.org")
	body := v.sees("/response-times", "Time to detect", "Time to recover", "Month by month", "aim: 24 h", "Figures as a table", "<svg")
	if n := strings.Count(body, `data-label="Incidents"`); n != 12 {
		t.Errorf("%d months", n)
	}
	if n := strings.Count(v.sees("/response-times?months=24"), `data-label="Incidents"`); n != 24 {
		t.Errorf("%d of 24 months", n)
	}
	if status, _ := v.get("/response-times?months=many"); status == http.StatusOK {
		t.Error("a number of months that is none is taken")
	}
	w.join("staff@example.org", "staff")
	if status, _ := w.as("staff@example.org").get("/response-times"); status != http.StatusNotFound {
		t.Errorf("staff sees how fast we are: %d", status)
	}
}

func TestTheReportOnAnExerciseIsDownloadedByThoseWhoMayReadIt(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	v.sees("/exercises/drill-table-ransomware", "/report/pdf")
	for format, magic := range map[string]string{"pdf": "%PDF", "docx": "PK"} {
		if status, body := v.get("/exercises/drill-table-ransomware/report/" + format); status != http.StatusOK || !strings.HasPrefix(body, magic) {
			t.Errorf("%s: %d", format, status)
		}
	}
	if status, _ := v.get("/exercises/drill-table-ransomware/report/exe"); status != http.StatusNotFound {
		t.Errorf("a format that is none: %d", status)
	}
	w.join("staff@example.org", "staff")
	if status, _ := w.as("staff@example.org").get("/exercises/drill-table-ransomware/report/pdf"); status != http.StatusNotFound {
		t.Errorf("staff reads the report: %d", status)
	}
}
