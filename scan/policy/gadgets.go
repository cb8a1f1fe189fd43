package policy

// restricted are dangerous globals that real checkpoints name, in one form
// that reaches nothing; the judge knows it.
var restricted = map[Global]Rule{
	{"builtins", "getattr"}:      Getattr,
	{"builtins", "eval"}:         EvalData,
	{"dill._dill", "_load_type"}: TypeByName,
	{"_operator", "getitem"}:     Subscript,
	{"operator", "getitem"}:      Subscript,
}

// gadgets are single globals that are dangerous, where their modules are not
// or where more is known of them.
var gadgets = []danger{
	{"runs the text it is given as Python", "", "builtins.eval builtins.exec builtins.execfile"},
	{"compiles text to code", "", "builtins.compile"},
	{"imports any module", "GHSA-h4rm-mm56-xf63", "builtins.__import__"},
	{"imports a module again", "", "builtins.reload"},
	{"opens a file", "", "builtins.open builtins.file"},
	{"waits for a person, or runs text on Python 2", "", "builtins.input builtins.raw_input"},
	{"starts a debugger", "", "builtins.breakpoint"},
	{"starts a pager, which is a program", "", "builtins.help"},
	{"ends the program", "", "builtins.exit builtins.quit"},
	{"reaches any attribute of any object", "", "builtins.getattr builtins.hasattr builtins.super"},
	{"changes the attributes of any object", "", "builtins.setattr builtins.delattr"},
	{"reaches every name of a module, function or object", "", "builtins.globals builtins.locals builtins.vars builtins.dir"},
	{"calls a function for each item", "", "builtins.map builtins.filter functools.reduce _functools.reduce itertools.starmap " +
		"itertools.accumulate itertools.dropwhile itertools.takewhile itertools.filterfalse itertools.groupby " +
		"numpy.vectorize numpy.frompyfunc numpy.fromfunction numpy.apply_along_axis numpy.apply_over_axes numpy.piecewise"},
	{"calls any function", "", "builtins.apply"},
	{"makes a callable of any function", "", "builtins.classmethod builtins.staticmethod builtins.property"},
	{"reaches raw memory", "", "builtins.memoryview builtins.buffer"},

	{"makes code or functions of data", "", "types.CodeType types.FunctionType types.LambdaType types.MethodType " +
		"types.ModuleType types.CellType types.DynamicClassAttribute types.new_class types.FrameType types.BuiltinFunctionType " +
		"types.GetSetDescriptorType types.MemberDescriptorType types.MethodDescriptorType types.WrapperDescriptorType " +
		"types.MethodWrapperType types.ClassMethodDescriptorType types.coroutine"},
	{"gives a global a number to hide behind", "", "copyreg.add_extension copyreg.remove_extension copyreg.clear_extension_cache"},
	{"changes how other objects are pickled", "", "copyreg.pickle copyreg.constructor copyreg.dispatch_table"},
	{"creates a file", "CVE-2026-56304", "logging.FileHandler"},
	{"creates a file, or calls what its argument names", "", "logging.basicConfig logging.config.dictConfig " +
		"logging.config.fileConfig logging.config.listen logging.config.dictConfigClass logging.config.DictConfigurator"},
	{"opens a file", "", "argparse.FileType codecs.open tokenize.open"},
	{"makes text of bytes by any codec, which hides what it is", "", "codecs.decode codecs.encode codecs.lookup " +
		"codecs.register codecs.getdecoder codecs.getencoder codecs.EncodedFile _codecs.decode _codecs.lookup _codecs.register"},
	{"runs text of its argument as Python", "", "typing.get_type_hints typing._eval_type typing.ForwardRef " +
		"dataclasses.make_dataclass dataclasses._create_fn attr.make_class attr._make._eval_snippets"},
	{"reaches attributes that a text names", "", "string.Formatter _string.formatter_field_name_split"},
	{"calls a function later", "", "weakref.finalize sched.scheduler threading.Thread threading.Timer " +
		"threading._start_new_thread threading._start_joinable_thread"},
	{"runs a command that its argument names", "", "mailcap.findmatch mailcap.test"},
	{"calls a method of any object", "GHSA-955r-x9j8-7rhh", "_operator.getitem operator.getitem"},
	{"calls types by name, code and functions among them", "", "dill._dill._load_type"},

	{"loads another pickle, without restriction", "", "torch.load joblib.load joblib.numpy_pickle.load " +
		"joblib.numpy_pickle._unpickle joblib._pickle_load joblib.numpy_pickle.NumpyUnpickler " +
		"sklearn.externals.joblib.load sklearn.externals.joblib.numpy_pickle.load"},
	{"writes a file", "", "torch.save numpy.save numpy.savez numpy.savez_compressed numpy.savetxt joblib.dump"},
	{"compiles a function", "", "torch.compile"},
	{"maps any file into memory", "", "torch.from_file torch._C._VariableFunctions.from_file"},
	{"runs the text it is given as Python", "GHSA-vr7h-p6mm-wpmh", "torch.jit.unsupported_tensor_ops.execWrapper"},
	{"runs the text it is given as Python", "GHSA-4r9r-ch6f-vxmx", "torch.utils.bottleneck.__main__.run_cprofile"},
	{"runs the text it is given as Python", "GHSA-4whj-rm5r-c2v8", "torch.utils.bottleneck.__main__.run_autograd_prof"},
	{"runs a command", "GHSA-f745-w6jp-hpxx", "torch.utils.collect_env.run"},
	{"runs a command", "GHSA-jhph-76pp-mggw", "torch.utils.collect_env.run_and_read_all"},
	{"loads another pickle", "GHSA-h3qp-7fh3-f8h4", "torch.utils.data.datapipes.utils.decoder.basichandlers"},
	{"loads another pickle", "GHSA-vv6j-3g6g-2pvj", "torch.utils._config_module.ConfigModule"},
	{"runs the text it is given as Python", "GHSA-86cj-95qr-2p4f", "torch._dynamo.guards.GuardBuilder"},
	{"runs the text it is given as Python", "GHSA-f4x7-rfwp-v3xw", "torch.fx.experimental.symbolic_shapes.ShapeEnv"},
	{"reads any file, pickles included", "", "numpy.load numpy.fromfile numpy.genfromtxt numpy.loadtxt numpy.fromregex " +
		"numpy.recfromtxt numpy.recfromcsv numpy.DataSource numpy.core.multiarray.fromfile numpy._core.multiarray.fromfile " +
		"numpy.core.records.fromfile numpy._core.records.fromfile"},
	{"runs the text it is given as Python", "", "numpy.testing.runstring numpy.testing._private.utils.runstring"},
	{"reads any file, pickles included", "", "pandas.read_pickle pandas.read_csv pandas.read_table pandas.read_fwf " +
		"pandas.read_json pandas.read_html pandas.read_xml pandas.read_excel pandas.read_parquet pandas.read_hdf " +
		"pandas.read_feather pandas.read_orc pandas.read_sas pandas.read_spss pandas.read_stata pandas.read_sql " +
		"pandas.read_sql_query pandas.read_sql_table pandas.read_gbq pandas.read_clipboard pandas.HDFStore pandas.ExcelFile"},
	{"writes a file", "", "pandas.to_pickle pandas.ExcelWriter"},
	{"runs text of its argument as Python", "", "pandas.eval"},
	{"loads a model with code of its own", "", "keras.models.load_model tensorflow.keras.models.load_model " +
		"keras.src.utils.python_utils.func_load tensorflow.load_op_library tensorflow.load_library"},
	{"writes a file", "", "dotenv.set_key dotenv.main.set_key dotenv.cli.set_key"},
}
