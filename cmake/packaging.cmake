# Installing, and the Debian package: `cpack -G DEB` in the folder of the release build.
include(GNUInstallDirs)

install(TARGETS poolgauge RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY scenarios/ DESTINATION ${CMAKE_INSTALL_DATADIR}/poolgauge/scenarios)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES cmake/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

# What the program says of itself is asked of it, so that it cannot differ from its --help.
set(said ${PROJECT_BINARY_DIR}/said)
install(CODE "
  file(REMOVE_RECURSE \"${said}\")
  file(MAKE_DIRECTORY \"${said}/man1\")
  foreach(shell bash zsh fish)
    execute_process(COMMAND \"$<TARGET_FILE:poolgauge>\" completion \${shell}
      OUTPUT_FILE \"${said}/\${shell}\" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  execute_process(COMMAND \"$<TARGET_FILE:poolgauge>\" man --all \"${said}/man1\"
    COMMAND_ERROR_IS_FATAL ANY)
  file(COPY_FILE \"${PROJECT_SOURCE_DIR}/CHANGELOG.md\" \"${said}/changelog\")
  file(GLOB pages \"${said}/man1/*.1\")
  execute_process(COMMAND gzip -9n \"${said}/changelog\" \${pages} COMMAND_ERROR_IS_FATAL ANY)")
install(DIRECTORY ${said}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR})
install(FILES ${said}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${said}/bash RENAME poolgauge
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${said}/zsh RENAME _poolgauge
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${said}/fish RENAME poolgauge.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME poolgauge)
set(CPACK_PACKAGE_CONTACT "The Poolgauge authors <poolgauge@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "load tester and pool sizing advisor for PostgreSQL")
set(CPACK_PACKAGE_DESCRIPTION
  "Puts the connection pools of a deployment in front of a PostgreSQL server, replays a scenario
and says whether its goals were met, what the bottleneck was, and which pool sizes to set. With a
gate for CI, a simulator, and the sizing formulas.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The server's own programs, for the throwaway one.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS postgresql)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS pgbouncer)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
