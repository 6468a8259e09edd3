"""The archive for programs: answers as JSON, and tools for assistants over HTTP."""
