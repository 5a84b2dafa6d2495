"""The engine: films through the networks, shot by shot and window by window, without Qt."""
