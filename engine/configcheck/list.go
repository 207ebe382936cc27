package configcheck

// all is every check, in the order of the report. A check is written in the file
// of its topic, with its explanation beside its function.
var all = []check{
	// authentication: pam.go, pam_policy.go, logindefs.go
	pamAlwaysPermits,
	pamEmptyPassword,
	pamWeakHash,
	pamNoQuality,
	pamNoLockout,
	pamSuOpen,
	loginDefsHash,
	passwordNoExpiry,
	umaskOpen,

	// accounts: accounts.go
	accountEmptyPassword,
	accountSecondRoot,
	accountSystemLogin,
	accountWeakHash,
	accountKnownName,
	accountDuplicate,
	accountUnshadowed,

	// remote access: sshd.go, sshd_crypto.go
	sshdRootLogin,
	sshdPasswordLogin,
	sshdEmptyPasswords,
	sshdProtocol,
	sshdCiphers,
	sshdMACs,
	sshdKex,
	sshdHostKeyAlgorithms,
	sshdUserKeyAlgorithms,
	sshdHostKeys,
	sshdHostbased,
	sshdStrictModes,
	sshdUserEnvironment,
	sshdGatewayPorts,
	sshdX11,
	sshdTCPForwarding,
	sshdAgentForwarding,
	sshdMaxAuthTries,
	sshdLogLevel,

	// privilege: sudo.go
	sudoForEverybody,
	sudoNoPassword,
	sudoNoAuthenticate,
	sudoWritableCommand,
	sudoShellEscape,
	sudoEnvironment,
	sudoPermissions,
	sudoTimestamp,
	sudoNoPty,

	// files: files.go, files_home.go, cron.go
	fileCritical,
	fileWorldWritable,
	dirWorldWritable,
	fileSetID,
	fileUnowned,
	homePermissions,
	fileRhosts,
	fileNetrc,
	sshPrivateKeys,
	authorizedKeys,
	pathInsecure,
	cronPermissions,
	cronScripts,
	serviceWritable,

	// kernel: kernel.go, kernel_net.go
	kernelASLR,
	kernelLinks,
	kernelBPF,
	kernelSuidDump,
	kernelPtrace,
	kernelKptr,
	kernelDmesg,
	coreDumps,
	macMissing,
	netForward,
	netAcceptRedirects,
	netSendRedirects,
	netSourceRoute,
	netReversePath,
	netSynCookies,

	// file systems: mounts.go
	mountTmp,
	mountVarTmp,
	mountShm,
	mountHome,

	// network: firewall.go, network.go, legacy.go
	firewallMissing,
	listenDangerous,
	listenEverywhere,
	legacyInstalled,

	// maintenance: updates.go, eol.go, certificates.go
	osEndOfLife,
	updatesManual,
	updatesUnverified,
	timeUnsynchronised,
	certificateExpired,
	certificateWeak,
	privateKeyOpen,

	// monitoring: monitoring.go
	logMissing,
	auditMissing,
	logPermissions,
}
