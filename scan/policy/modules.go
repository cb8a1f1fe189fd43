package policy

// dangerousModules are modules of which every member is dangerous, with what
// lies below them. Globals with an entry of their own come first.
var dangerousModules = []danger{
	{"runs commands or reaches the operating system", "", "os posix nt subprocess commands popen2 _posixsubprocess _winapi " +
		"posixpath ntpath genericpath pipes pexpect ptyprocess paramiko fabric invoke plumbum sh pwd grp spwd nis syslog " +
		"_ios_support _apple_support _android_support _bootsubprocess sysconfig antigravity webbrowser"},
	{"runs commands", "GHSA-vqmv-47xg-9wpr", "pty"},
	{"runs commands", "CVE-2026-56315", "_osx_support _aix_support uuid"},
	{"runs commands", "GHSA-5cxw-w2xg-2m8h", "platform"},
	{"runs commands or writes files", "GHSA-m273-6v24-x4m4", "distutils"},
	{"runs commands or writes files", "", "setuptools pkg_resources"},
	{"installs packages", "CVE-2025-1716", "pip"},
	{"installs packages", "GHSA-xp4f-hrf8-rxw7", "ensurepip"},
	{"makes environments, which runs commands", "", "venv virtualenv"},
	{"reads, writes or lists files", "", "shutil tempfile glob fileinput filecmp io _io _pyio zipfile tarfile gzip bz2 lzma " +
		"zipapp sqlite3 _sqlite3 mailbox netrc wave sunau aifc chunk sndhdr imghdr"},

	{"reaches the interpreter itself", "", "sys gc inspect linecache traceback tracemalloc site atexit faulthandler signal " +
		"_signal resource mmap _thread _remote_debugging _sitebuiltins __builtins__"},
	{"calls into native code", "GHSA-4675-36f9-wf6r", "ctypes"},
	{"calls into native code", "", "_ctypes cffi numpy.ctypeslib"},
	{"imports modules or runs their code", "", "imp _imp _frozen_importlib _frozen_importlib_external zipimport modulefinder pyclbr"},
	{"imports modules or runs their code", "GHSA-q5qq-mvfm-j35x", "importlib"},
	{"reaches any name of any module", "GHSA-vvpj-8cmc-gx39", "pkgutil"},
	{"runs files as Python", "GHSA-wfq2-52f7-7qvj", "runpy"},
	{"runs code in another interpreter", "", "_interpreters _xxsubinterpreters concurrent"},

	{"runs the text it is given as Python", "", "codeop timeit pdb bdb cmd rlcompleter unittest dis py_compile compileall " +
		"symtable turtledemo cgitb"},
	{"runs the text it is given as Python", "GHSA-cj3c-v495-4xqh", "code"},
	{"runs the text it is given as Python", "GHSA-5qwp-399c-mjwf", "trace"},
	{"runs the text it is given as Python", "GHSA-7wx9-6375-f5wh", "profile"},
	{"runs the text it is given as Python", "GHSA-49gj-c84q-6qm9", "cProfile"},
	{"runs the text it is given as Python", "GHSA-fqq6-7vqf-w3fg", "doctest"},
	{"runs the text it is given as Python", "GHSA-m869-42cg-3xwr", "idlelib"},
	{"runs the text it is given as Python", "GHSA-p9w7-82w4-7q8m", "lib2to3"},
	{"imports modules and runs commands", "GHSA-84r2-jw7c-4r5q", "pydoc"},
	{"runs commands", "CVE-2026-56315", "_pyrepl test.support test.test_support test.libregrtest test.regrtest"},
	{"runs the text it is given as Tcl or Python", "", "tkinter _tkinter turtle"},

	{"loads another pickle", "", "pickle _pickle cPickle shelve dbm dill jsonpickle _pickle_compat joblib.externals " +
		"joblib.numpy_pickle_compat"},
	{"loads code or another pickle", "GHSA-565g-hwwr-4pp3", "marshal"},
	{"makes code and functions of data", "", "cloudpickle"},
	{"parses text that may call any function", "", "yaml ruamel"},
	{"starts processes", "GHSA-q5qq-mvfm-j35x", "multiprocessing"},
	{"starts processes", "", "torch.multiprocessing multiprocess billiard loky"},
	{"calls functions that it is given", "GHSA-955r-x9j8-7rhh", "operator _operator"},

	{"opens network connections or runs commands", "GHSA-q77w-mwjj-7mqx", "asyncio"},
	{"opens network connections or runs commands", "CVE-2026-56315", "imaplib"},
	{"opens network connections", "", "socket _socket socketserver ssl _ssl select selectors http httplib urllib urllib2 " +
		"urllib3 ftplib smtplib smtpd poplib nntplib telnetlib xmlrpc cgi wsgiref asyncore asynchat requests aiohttp httpx httpcore " +
		"websocket websockets pycurl logging.handlers"},

	{"serves to disarm or fool a scanner", "", "picklescan fickling modelscan modelaudit saferpickle model_unpickler"},

	{"runs commands or Python text when it builds", "GHSA-r8g5-cgf2-4m4m", "numpy.f2py"},
	{"runs commands or Python text when it builds", "", "numpy.distutils numpy.testing torch.utils.cpp_extension torch.utils.hipify " +
		"torch.utils.file_baton torch.utils.collect_env torch.utils.bottleneck torch.utils.benchmark torch.testing torch._inductor " +
		"torch._dynamo torch._export torch.export torch._appdirs"},
	{"reads or writes any file", "", "numpy.lib.npyio numpy.lib._npyio_impl numpy.lib._datasource numpy.lib.format " +
		"numpy.lib._format_impl numpy.lib.utils numpy.lib._utils_impl pandas.io pandas.core.computation"},
	{"downloads and runs code", "", "torch.hub torch.utils.model_zoo transformers.dynamic_module_utils"},
	{"loads another pickle, without restriction", "", "torch.serialization torch._weights_only_unpickler torch.package " +
		"torch.utils._config_module torch.distributed.rpc"},
	{"compiles text or loads compiled code", "", "torch.jit torch.fx.graph_module torch.fx.experimental torch._ops torch.ops torch.classes"},
	{"starts processes", "", "torch.distributed.elastic torch.distributed.run torch.distributed.launch torch.distributed.launcher"},
	{"runs a project's entry point", "", "mlflow.projects mlflow.pyfunc"},
}
