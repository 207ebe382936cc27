package event

// winServices are the Windows logs by which rules name them; of others the service is
// left out.
var winServices = map[string]string{
	"security": "security", "system": "system", "application": "application", "setup": "setup",
	"microsoft-windows-sysmon/operational":           "sysmon",
	"windows powershell":                             "powershell-classic",
	"microsoft-windows-powershell/operational":       "powershell",
	"powershellcore/operational":                     "powershell",
	"microsoft-windows-taskscheduler/operational":    "taskscheduler",
	"microsoft-windows-wmi-activity/operational":     "wmi",
	"microsoft-windows-windows defender/operational": "windefend",
	"microsoft-windows-bits-client/operational":      "bits-client",
	"microsoft-windows-dns-client/operational":       "dns-client",
	"dns server":                                  "dns-server",
	"microsoft-windows-ntlm/operational":          "ntlm",
	"microsoft-windows-applocker/exe and dll":     "applocker",
	"microsoft-windows-codeintegrity/operational": "codeintegrity-operational",
	"openssh/operational":                         "openssh",
}

// A winKind is what an event of some number is about.
type winKind struct {
	class    Class
	activity int
	category string
	outcome  string
}

var winKinds = map[string]map[int]winKind{
	"sysmon": {
		1: {ProcessActivity, 1, "process_creation", Success}, 2: {FileActivity, 6, "file_change", Success},
		3: {NetworkActivity, 1, "network_connection", Success}, 5: {ProcessActivity, 2, "process_termination", Success},
		6: {ModuleActivity, 1, "driver_load", Success}, 7: {ModuleActivity, 1, "image_load", Success},
		8: {ProcessActivity, 4, "create_remote_thread", Success}, 9: {FileActivity, 2, "raw_access_thread", Success},
		10: {ProcessActivity, 3, "process_access", Success}, 11: {FileActivity, 1, "file_event", Success},
		12: {RegistryKey, activityOther, "registry_event", Success}, 13: {RegistryValue, 2, "registry_set", Success},
		14: {RegistryKey, 5, "registry_rename", Success}, 15: {FileActivity, 1, "create_stream_hash", Success},
		17: {FileActivity, 1, "pipe_created", Success}, 18: {FileActivity, 14, "pipe_created", Success},
		19: {Base, 0, "wmi_event", ""}, 20: {Base, 0, "wmi_event", ""}, 21: {Base, 0, "wmi_event", ""},
		22: {DNSActivity, 1, "dns_query", ""}, 23: {FileActivity, 4, "file_delete", Success},
		25: {ProcessActivity, 4, "process_tampering", Success}, 26: {FileActivity, 4, "file_delete", Success},
		27: {FileActivity, 1, "file_block_executable", Failure}, 29: {FileActivity, 1, "file_executable_detected", Success},
	},
	"security": {
		4624: {Authentication, 1, "", Success}, 4625: {Authentication, 1, "", Failure}, 4634: {Authentication, 2, "", Success},
		4647: {Authentication, 2, "", Success}, 4648: {Authentication, 1, "", ""}, 4672: {AuthorizeSession, 1, "", Success},
		4768: {Authentication, 3, "", ""}, 4769: {Authentication, 4, "", ""}, 4770: {Authentication, 5, "", ""},
		4771: {Authentication, 6, "", Failure}, 4776: {Authentication, 1, "", ""},
		4688: {ProcessActivity, 1, "process_creation", Success}, 4689: {ProcessActivity, 2, "process_termination", Success},
		4656: {FileActivity, 14, "", ""}, 4663: {FileActivity, 14, "file_access", Success}, 4660: {FileActivity, 4, "", Success},
		4657: {RegistryValue, 3, "registry_set", Success}, 5140: {SMBActivity, 2, "", Success}, 5145: {SMBActivity, 2, "", ""},
		4698: {JobActivity, 1, "", Success}, 4699: {JobActivity, 3, "", Success}, 4700: {JobActivity, 4, "", Success},
		4701: {JobActivity, 5, "", Success}, 4702: {JobActivity, 2, "", Success},
		4720: {AccountChange, 1, "", Success}, 4722: {AccountChange, 2, "", Success}, 4723: {AccountChange, 3, "", ""},
		4724: {AccountChange, 4, "", ""}, 4725: {AccountChange, 5, "", Success}, 4726: {AccountChange, 6, "", Success},
		4738: {AccountChange, activityOther, "", Success}, 4740: {AccountChange, 9, "", Success}, 4767: {AccountChange, 12, "", Success},
		4727: {GroupManagement, 6, "", Success}, 4731: {GroupManagement, 6, "", Success}, 4754: {GroupManagement, 6, "", Success},
		4728: {GroupManagement, 3, "", Success}, 4732: {GroupManagement, 3, "", Success}, 4756: {GroupManagement, 3, "", Success},
		4729: {GroupManagement, 4, "", Success}, 4733: {GroupManagement, 4, "", Success}, 4757: {GroupManagement, 4, "", Success},
		4730: {GroupManagement, 5, "", Success}, 4734: {GroupManagement, 5, "", Success}, 4758: {GroupManagement, 5, "", Success},
		5156: {NetworkActivity, 1, "network_connection", Success}, 5157: {NetworkActivity, 5, "firewall", Failure},
		5158: {NetworkActivity, 7, "", Success}, 5152: {NetworkActivity, 5, "firewall", Failure},
	},
	"powershell": {4103: {Base, 0, "ps_module", ""}, 4104: {Base, 0, "ps_script", ""}},
	"powershell-classic": {400: {Base, 0, "ps_classic_start", ""}, 600: {Base, 0, "ps_classic_provider_start", ""},
		800: {Base, 0, "ps_module", ""}},
	"windefend":  {1116: {DetectionFinding, 1, "antivirus", ""}, 1117: {DetectionFinding, 2, "antivirus", ""}, 1006: {DetectionFinding, 1, "antivirus", ""}},
	"dns-client": {3006: {DNSActivity, 1, "", ""}, 3008: {DNSActivity, 2, "", ""}},
}
